//! The `sentry-trace` header.
//!
//! ```text
//! sentry-trace = trace-id "-" span-id [ "-" sampled ]
//! trace-id     = 32 HEX        span-id = 16 HEX        sampled = "" / "0" / "1"
//! ```
//!
//! Source: Sentry's Trace Propagation document. The parser is lenient where the SDKs differ: hex of either case, space
//! and tab around the value, an empty third part (deferred). Everything else is malformed, so that a guess can neither
//! merge unrelated traces nor reverse a decision.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

use super::white_space::trim;
use crate::id::{SpanId, TraceId};

/// A `sentry-trace` value: the trace, the span that sent the header, and the sampling decision so far.
///
/// ```
/// use trace_core::wire::SentryTrace;
///
/// let header: SentryTrace = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1".parse()?;
/// assert_eq!(header.sampled, Some(true));
/// assert_eq!(header.to_string(), "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1");
/// # Ok::<(), trace_core::wire::ParseSentryTraceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentryTrace {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that sent the header: the parent of the receiver's first span.
    pub span_id: SpanId,
    /// The sampling decision; `None` leaves it to the receiver (deferred).
    pub sampled: Option<bool>,
}

const TRACE: usize = TraceId::HEX_LENGTH;
const SPAN: usize = SpanId::HEX_LENGTH;
const DEFERRED: usize = TRACE + 1 + SPAN;
const DECIDED: usize = DEFERRED + 2;

impl SentryTrace {
    /// Parses one header value.
    ///
    /// # Errors
    ///
    /// If the value does not follow the grammar above, or an id is all zero.
    pub fn parse(value: &[u8]) -> Result<Self, ParseSentryTraceError> {
        // White space around the value is rare.
        let without_space = || Some(trim(value)).filter(|trimmed| trimmed.len() < value.len());
        Self::read(value).or_else(|| Self::read(without_space()?)).ok_or(ParseSentryTraceError(()))
    }

    /// Returns the first valid value of a line, which may be a list with commas.
    #[inline]
    pub(crate) fn first_valid(line: &[u8]) -> Option<Self> {
        Self::parse(line).ok().or_else(|| Self::all_valid(line).next())
    }

    /// Returns the valid values of a line, which may be a list with commas.
    pub(crate) fn all_valid(line: &[u8]) -> impl Iterator<Item = Self> {
        line.split(|byte| *byte == b',').filter_map(|part| Self::parse(part).ok())
    }

    /// Returns whether a line is too short for more than one valid value.
    #[inline]
    pub(crate) fn is_single(line: &[u8]) -> bool {
        line.len() < 2 * DEFERRED
    }

    // Of two callers, only one is on the path of every request: inlined there, it saves 30 of the row `extract`.
    #[inline(always)]
    fn read(value: &[u8]) -> Option<Self> {
        let (trace_id, rest) = value.split_first_chunk::<TRACE>()?;
        let (span_id, rest) = rest.strip_prefix(b"-")?.split_first_chunk::<SPAN>()?;
        let sampled = match rest {
            b"" | b"-" => None,
            b"-0" => Some(false),
            b"-1" => Some(true),
            _ => return None,
        };
        Some(Self { trace_id: TraceId::from_hex(trace_id)?, span_id: SpanId::from_hex(span_id)?, sampled })
    }

    /// Returns the header value: 49 bytes if deferred, else 51. It allocates once.
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        let text = &mut [b'-'; DECIDED];
        self.write(text);
        match (self.sampled, text.first_chunk::<DEFERRED>()) {
            (None, Some(deferred)) => header_value(deferred),
            _ => header_value(text),
        }
    }

    /// Writes the parts between the dashes of `text`.
    fn write<'a>(&self, text: &'a mut [u8; DECIDED]) -> &'a [u8] {
        let Self { trace_id, span_id, sampled } = self;
        if let Some((trace, [_, rest @ ..])) = text.split_first_chunk_mut::<TRACE>()
            && let Some((span, _)) = rest.split_first_chunk_mut::<SPAN>()
        {
            trace_id.write(trace);
            span_id.write(span);
        }
        match sampled {
            None => &text[..DEFERRED],
            Some(sampled) => {
                text[DECIDED - 1] = b'0' + u8::from(*sampled);
                text
            }
        }
    }
}

/// Converts to a header value. The check is faster for a length that is known at compile time.
#[inline(never)]
fn header_value<const LENGTH: usize>(text: &[u8; LENGTH]) -> HeaderValue {
    // Hex digits and dashes are a valid header value, so the fallback is never taken.
    HeaderValue::from_bytes(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl FromStr for SentryTrace {
    type Err = ParseSentryTraceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for SentryTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(self.write(&mut [b'-'; DECIDED])).unwrap_or_default())
    }
}

/// An error for a value that is not a `sentry-trace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseSentryTraceError(());

impl fmt::Display for ParseSentryTraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot parse sentry-trace: it must be 32 hex digits, `-`, 16 hex digits, then nothing, `-0` or `-1`, \
             and no id may be all zero",
        )
    }
}

impl std::error::Error for ParseSentryTraceError {}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "771a43a4192642f0b136d5159a501700";
    const S: &str = "1121201211212012";

    #[test]
    fn values_that_are_read() {
        let table = [
            (format!("{T}-{S}-1"), Some(true)),
            (format!("{T}-{S}-0"), Some(false)),
            (format!("{T}-{S}"), None),
            (format!("{T}-{S}-"), None),
            (format!(" \t{T}-{S}-1\t "), Some(true)),
            (format!("{}-{S}-1", T.to_uppercase()), Some(true)),
        ];
        for (text, sampled) in table {
            let header: SentryTrace = text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!((header.trace_id.to_string(), header.span_id.to_string()), (T.into(), S.into()));
            assert_eq!(header.sampled, sampled, "{text:?}");
            assert_eq!(header.to_header_value(), header.to_string());
            assert_eq!(header.to_string().parse(), Ok(header));
        }
    }

    #[test]
    fn values_that_are_malformed() {
        let zero_trace = "0".repeat(32);
        let zero_span = "0".repeat(16);
        let table = [
            format!("{T}-{S}-2"),
            format!("{T}-{S}-d"),
            format!("{T}-{S}-01"),
            format!("{T}-{S}-1-x"),
            format!("{T}-{S}--1"),
            format!("{T}-{S}1"),
            format!("{T}{S}"),
            format!("{T}-1"),
            format!("{T}- {S}"),
            format!("{}-{S}", &T[1..]),
            format!("0{T}-{S}"),
            format!("{}-{S}-1", &T[16..]),
            format!("{zero_trace}-{S}-1"),
            format!("{T}-{zero_span}-1"),
            format!("00-{T}-{S}-01"),
            format!("+{}-{S}-1", &T[1..]),
            format!("\u{e9}{}-{S}-1", &T[2..]),
            T.into(),
            "1".into(),
            "-".into(),
            String::new(),
        ];
        for text in table {
            assert!(text.parse::<SentryTrace>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_first_valid_value_counts() {
        let [one, zero, bad] = [format!("{T}-{S}-1"), format!("{T}-{S}-0"), format!("{T}-{S}-7")];
        let table = [
            (format!("{one}, {zero}"), Some(Some(true))),
            (format!("{bad}, {zero},"), Some(Some(false))),
            (one, Some(Some(true))),
            (bad, None),
            (String::new(), None),
        ];
        for (line, expected) in table {
            let found = SentryTrace::first_valid(line.as_bytes());
            assert_eq!(found.map(|header| header.sampled), expected, "{line:?}");
        }
    }
}
