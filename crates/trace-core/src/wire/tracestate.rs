//! The `tracestate` header of W3C Trace Context.
//!
//! ```text
//! tracestate  = list-member *( OWS "," OWS list-member )      ; at most 32, empty ones do not count
//! list-member = key "=" value
//! key         = ( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )
//! value       = 0*255( chr ) nblk-chr                         ; printable ASCII without "," and "="
//! ```
//!
//! Source: W3C Trace Context, level 2, section 3.3. The members belong to other parties and are only sent on. One bad
//! member makes the whole list invalid.

use http::HeaderValue;

use super::white_space::trim;
use super::{SentryTrace, Traceparent};

/// The state that is sent on after an accepted `traceparent`, besides its ids.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct W3cState {
    pub(crate) random: bool,
    pub(crate) tracestate: Option<HeaderValue>,
}

impl SentryTrace {
    /// Converts to a `traceparent`, which does not distinguish "not sampled" from "deferred".
    pub(crate) fn to_traceparent(self, state: Option<&W3cState>) -> Traceparent {
        let Self { trace_id, span_id, sampled } = self;
        let random = state.is_some_and(|state| state.random);
        Traceparent { trace_id, span_id, sampled: sampled == Some(true), random }
    }
}

/// The most members in a list.
const MAX_MEMBERS: usize = 32;
/// The most bytes in a key or a value.
const MAX_BYTES: usize = 256;

/// Joins the members of all lines to one value. Returns `None` if there are none or too many, or if one is malformed.
pub(crate) fn join<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<HeaderValue> {
    let members = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(trim);
    let mut text = Vec::new();
    for (number, member) in members.filter(|member| !member.is_empty()).enumerate() {
        if number == MAX_MEMBERS || !is_member(member) {
            return None;
        }
        if number > 0 {
            text.push(b',');
        }
        text.extend_from_slice(member);
    }
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).ok().filter(|value| !value.is_empty())
}

fn is_member(member: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', member) else { return false };
    let (key, value) =
        (member.get(..equals).unwrap_or_default(), member.get(equals + 1..).unwrap_or_default());
    is_key(key) && is_value(value)
}

fn is_key(key: &[u8]) -> bool {
    let is_first = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_later = |byte: &u8| is_first(byte) || b"_-*/@".contains(byte);
    key.len() <= MAX_BYTES && key.first().is_some_and(is_first) && key.iter().all(is_later)
}

fn is_value(value: &[u8]) -> bool {
    let is_allowed = |byte: &u8| (b' '..=b'~').contains(byte) && !b",=".contains(byte);
    value.len() <= MAX_BYTES && value.last().is_some_and(|last| *last != b' ') && value.iter().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_or_dropped_whole() {
        let longest = format!("{}={}", "k".repeat(256), "v".repeat(256));
        let long_key = format!("{}=v", "k".repeat(257));
        let long_value = format!("k={}", "v".repeat(257));
        let most = (0..32).map(|number| format!("k{number}=1")).collect::<Vec<_>>().join(",");
        let too_many = format!("{most},more=1");
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("one member", &["rojo=1"], Some("rojo=1")),
            ("several lines", &["a=1,b=2", "c=3"], Some("a=1,b=2,c=3")),
            ("white space", &[" \ta=1 \t, \tb=2\t"], Some("a=1,b=2")),
            ("empty members", &["a=1,", "", ",,b=2"], Some("a=1,b=2")),
            ("duplicates stay", &["a=1,a=2"], Some("a=1,a=2")),
            ("a vendor", &["t@v=1,0@@=x"], Some("t@v=1,0@@=x")),
            ("a value with spaces inside", &["a= b c"], Some("a= b c")),
            ("the longest member", &[&longest], Some(&longest)),
            ("the most members", &[&most], Some(&most)),
            ("too many members", &[&too_many], None),
            ("a long key", &["a=1", &long_key], None),
            ("a long value", &[&long_value], None),
            ("nothing", &[""], None),
            ("no equals sign", &["a=1,b"], None),
            ("an empty value", &["a=,b=2"], None),
            ("an empty key", &["=1"], None),
            ("an upper-case key", &["A=1"], None),
            ("a space in a key", &["a =1"], None),
            ("a dot in a key", &["a.b=1"], None),
            ("a key that begins with @", &["@a=1,b=2"], None),
            ("an equals sign in a value", &["a=b=c"], None),
            ("no ASCII", &["a=\u{e9}"], None),
        ];
        for (name, lines, expected) in table {
            let joined = join(lines.iter().map(|line| line.as_bytes()));
            assert_eq!(joined.as_ref().map(|value| value.to_str().unwrap()), *expected, "{name}");
        }
    }
}
