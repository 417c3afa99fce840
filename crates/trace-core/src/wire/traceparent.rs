//! The `traceparent` header of W3C Trace Context.
//!
//! ```text
//! traceparent = version "-" trace-id "-" parent-id "-" flags       ; 2, 32, 16 and 2 lower-case hex digits
//! ```
//!
//! Source: W3C Trace Context, level 1 and 2. Unlike for `sentry-trace`, the parser is strict: upper case is malformed.
//! White space around the value is ignored. In a version above `00`, a further dash and the text after it are ignored.
//! All flags but "sampled" and "random" are ignored.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

use super::white_space::trim;
use crate::id::{SpanId, TraceId, hex};

/// A `traceparent` value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traceparent {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that sent the header.
    pub span_id: SpanId,
    /// The flag "sampled". The format cannot say "deferred": Sentry's SDKs write `00` for both.
    pub sampled: bool,
    /// The flag "random" of level 2: the right half of the trace id is random.
    pub random: bool,
}

const SAMPLED: u8 = 1;
const RANDOM: u8 = 2;

const LENGTH: usize = 55;

impl Traceparent {
    /// Parses one header value.
    ///
    /// # Errors
    ///
    /// If the value does not follow the grammar above, the version is `ff`, or an id is all zero.
    pub fn parse(value: &[u8]) -> Result<Self, ParseTraceparentError> {
        Self::read(trim(value)).ok_or(ParseTraceparentError(()))
    }

    fn read(value: &[u8]) -> Option<Self> {
        if value.iter().take(LENGTH).any(u8::is_ascii_uppercase) {
            return None;
        }
        let (known, further) = value.split_at_checked(LENGTH)?;
        let mut parts = known.split(|byte| *byte == b'-');
        let version = hex::decode_byte(parts.next()?)?;
        let trace_id = TraceId::from_hex(parts.next()?)?;
        let span_id = SpanId::from_hex(parts.next()?)?;
        let flags = hex::decode_byte(parts.next()?)?;
        let ends_well = match version {
            0x00 => further.is_empty(),
            0xff => false,
            _ => further.is_empty() || further.starts_with(b"-"),
        };
        (ends_well && parts.next().is_none()).then_some(Self {
            trace_id,
            span_id,
            sampled: flags & SAMPLED != 0,
            random: flags & RANDOM != 0,
        })
    }

    /// Returns the header value, always of version 00.
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        // Hex digits and dashes are a valid header value, so the fallback is never taken.
        HeaderValue::from_str(&self.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

impl FromStr for Traceparent {
    type Err = ParseTraceparentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace_id, span_id, sampled, random } = self;
        let flags = (u8::from(*sampled) * SAMPLED) | (u8::from(*random) * RANDOM);
        write!(f, "00-{trace_id}-{span_id}-{flags:02x}")
    }
}

/// An error for a value that is not a `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseTraceparentError(());

impl fmt::Display for ParseTraceparentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot parse traceparent: it must be `VERSION-TRACE_ID-PARENT_ID-FLAGS` of 2, 32, 16 and 2 lower-case \
             hex digits, version ff excluded, and no id may be all zero",
        )
    }
}

impl std::error::Error for ParseTraceparentError {}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "771a43a4192642f0b136d5159a501700";
    const S: &str = "b72fa28504b07285";

    #[test]
    fn the_table_of_w3c() {
        let table = [
            (format!("00-{T}-{S}-01"), Some(true)),
            (format!(" \t00-{T}-{S}-01\t "), Some(true)),
            (format!("00-{T}-{S}-00"), Some(false)),
            (format!("00-{T}-{S}-03"), Some(true)),
            (format!("00-{T}-{S}-fe"), Some(false)),
            (format!("cc-{T}-{S}-01"), Some(true)),
            (format!("cc-{T}-{S}-01-what-else"), Some(true)),
            (format!("cc-{T}-{S}-01.what"), None),
            (format!("00-{T}-{S}-01-"), None),
            (format!("00-{T}-{S}-1"), None),
            (format!("00-{T}-{S}"), None),
            (format!("ff-{T}-{S}-01"), None),
            (format!("0-{T}-{S}-001"), None),
            (format!("00-{}-{S}-01", T.to_uppercase()), None),
            (format!("00-{T}-{}-01", S.to_uppercase()), None),
            (format!("00-{}-{S}-01", "0".repeat(32)), None),
            (format!("00-{T}-{}-01", "0".repeat(16)), None),
            (format!("{T}-{S}-1"), None),
            (String::new(), None),
        ];
        for (text, sampled) in table {
            let header: Option<Traceparent> = text.parse().ok();
            assert_eq!(header.map(|header| header.sampled), sampled, "{text:?}");
            if let Some(header) = header {
                assert_eq!(header.to_string().parse(), Ok(header));
                assert_eq!(header.to_header_value(), header.to_string());
            }
        }
    }
}
