//! The `baggage` header.
//!
//! ```text
//! baggage     = list-member *( OWS "," OWS list-member )
//! list-member = key OWS "=" OWS value *( OWS ";" OWS property )
//! value       = *baggage-octet     ; printable ASCII without space, `"`, `,`, `;`, `\`
//! ```
//!
//! Source: W3C Baggage; Sentry's Dynamic Sampling Context document. The header is read as bytes. A bad member, which
//! has no `=` or an empty value, is ignored; the other members are read. Keys are never percent-decoded, `+` is not a
//! space, and properties are split off the value but not read.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};

use crate::id::{TraceId, hex};

/// The prefix of the keys of Sentry's members; the rest of a key is the name in the dynamic sampling context.
pub(crate) const SENTRY_PREFIX: &[u8] = b"sentry-";

/// The most bytes in a header that is written (W3C Baggage, section 3.3.2).
pub(crate) const MAX_BYTES: usize = 8192;
/// The most members in a header that is written.
pub(crate) const MAX_MEMBERS: usize = 64;

/// The most bytes that are read of all incoming lines together.
pub(crate) const MAX_BYTES_READ: usize = 64 * 1024;
/// The most members that are read of all incoming lines together.
pub(crate) const MAX_MEMBERS_READ: usize = 256;

/// One list member with a key and a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Member<'a> {
    /// Reads one list member. Returns `None` if it is bad.
    fn parse(text: &'a [u8]) -> Option<Self> {
        let (key, value) = split(text, b'=')?;
        let value = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        (!value.is_empty()).then(|| Self { key: key.trim_ascii(), value })
    }

    /// Reads one list member without white space and properties. Returns `None` if it is bad.
    fn plain(text: &'a [u8]) -> Option<Self> {
        let (key, value) = split(text, b'=')?;
        (!value.is_empty()).then_some(Self { key, value })
    }

    /// Returns the name in the dynamic sampling context, if the member is Sentry's and its key is a token.
    pub(crate) fn sentry_name(&self) -> Option<&'a [u8]> {
        self.key.strip_prefix(SENTRY_PREFIX).filter(|name| is_token(name))
    }
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = memchr::memchr(at, text)?;
    Some((text.get(..position)?, text.get(position + 1..)?))
}

/// Returns the members of several header lines in order, each with the number of its line. Bad members and members
/// beyond the limits are left out.
pub(crate) fn numbered_members<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
) -> impl Iterator<Item = (usize, Member<'a>)> {
    let mut budget = MAX_BYTES_READ;
    lines
        .map(move |line| {
            let readable = within(line, budget);
            budget = budget.saturating_sub(line.len());
            readable
        })
        .enumerate()
        .flat_map(|(number, line)| line.split(|byte| *byte == b',').map(move |member| (number, member)))
        .take(MAX_MEMBERS_READ)
        .filter_map(|(number, member)| Some((number, Member::parse(member)?)))
}

/// Returns the members of a line whose members can all be sent on without a change, up to the limit on bytes. An item is
/// `None` if the member is bad. Returns `None` for any other line.
pub(crate) fn plain_members(line: &[u8]) -> Option<impl Iterator<Item = Option<Member<'_>>>> {
    let line = within(line, MAX_BYTES_READ);
    let mut begin = 0;
    let members = memchr::memchr_iter(b',', line).chain([line.len()]).map(move |end| {
        let member = line.get(begin..end).and_then(Member::plain);
        begin = end + 1;
        member
    });
    is_plain(line).then_some(members)
}

/// Returns whether a line consists of octets and commas. It looks at all bytes without an early exit, so that the
/// compiler can vectorize the loop.
fn is_plain(line: &[u8]) -> bool {
    line.iter().fold(true, |is_plain, byte| is_plain & is_octet_or_comma(*byte))
}

/// Returns the complete members within the first `budget` bytes of a line.
fn within(line: &[u8], budget: usize) -> &[u8] {
    let Some(cut) = line.get(..budget).filter(|cut| cut.len() < line.len()) else {
        return line;
    };
    let last_comma = cut.iter().rposition(|byte| *byte == b',');
    last_comma.and_then(|end| cut.get(..end)).unwrap_or_default()
}

/// Returns the trace ids in the members of several header lines.
pub(crate) fn trace_ids<'a>(lines: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = TraceId> {
    numbered_members(lines)
        .filter(|(_, member)| member.sentry_name() == Some(b"trace_id"))
        .filter_map(|(_, member)| read(member.value, TraceId::from_hex))
}

/// The members of header lines that are not Sentry's, joined to one line.
#[derive(Debug, Default)]
pub(crate) struct OtherMembers {
    /// The members, byte for byte as received.
    pub(crate) text: Vec<u8>,
    pub(crate) number: usize,
    /// `true` if there are also members of Sentry's.
    pub(crate) beside_sentry_members: bool,
}

impl OtherMembers {
    pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut others = Self::default();
        for part in lines.flat_map(|line| line.split(|byte| *byte == b',')) {
            let trimmed = part.trim_ascii_start();
            if trimmed.starts_with(SENTRY_PREFIX) {
                others.beside_sentry_members = true;
            } else if others.number == 0 && !trimmed.is_empty() {
                others.text.extend_from_slice(trimmed);
                others.number = 1;
            } else if !trimmed.is_empty() {
                others.text.push(b',');
                others.text.extend_from_slice(part);
                others.number += 1;
            }
        }
        others
    }
}

/// Returns names and raw values of the members of Sentry's in a text that obeys the rules of the field, up to the limit on
/// bytes.
pub(crate) fn sentry_members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let text = text.get(..within(text.as_bytes(), MAX_BYTES_READ).len()).unwrap_or_default();
    let mut begin = 0;
    memchr::memchr_iter(b',', text.as_bytes()).chain([text.len()]).filter_map(move |end| {
        let member = text.get(begin..end)?;
        begin = end + 1;
        let (key, value) = member.split_at_checked(memchr::memchr(b'=', member.as_bytes())?)?;
        let name = key.strip_prefix("sentry-").filter(|name| is_token(name.as_bytes()))?;
        Some((name, value.get(1..).filter(|value| !value.is_empty())?))
    })
}

/// Parses a raw value of characters that need no percent-encoding, though it may be encoded.
pub(crate) fn read<T>(value: &[u8], parse: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    parse(value).or_else(|| parse(decode(value)?.as_bytes()))
}

/// Decodes a raw value. Returns `None` if an escape is malformed or the decoded bytes are not UTF-8.
pub(crate) fn decode(value: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(value).ok().and_then(decode_text)
}

/// Decodes a raw value, which is text.
pub(crate) fn decode_text(text: &str) -> Option<Cow<'_, str>> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::new();
    while let Some(percent) = memchr::memchr(b'%', rest) {
        if decoded.is_empty() {
            decoded.reserve(rest.len());
        }
        decoded.extend_from_slice(rest.get(..percent)?);
        decoded.push(hex::decode_byte(rest.get(percent + 1..percent + 3)?)?);
        rest = rest.get(percent + 3..)?;
    }
    if decoded.is_empty() {
        return Some(Cow::Borrowed(text));
    }
    decoded.extend_from_slice(rest);
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// The characters that are percent-encoded: all but ALPHA, DIGIT and `-._~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends `sentry-{name}={value}` with the value percent-encoded, after a comma unless it is the first member.
pub(crate) fn push_encoded(text: &mut Vec<u8>, name: &str, value: &str) {
    if !text.is_empty() {
        text.push(b',');
    }
    text.extend_from_slice(SENTRY_PREFIX);
    text.extend_from_slice(name.as_bytes());
    text.push(b'=');
    utf8_percent_encode(value, ENCODED).for_each(|part| text.extend_from_slice(part.as_bytes()));
}

/// The characters that are escaped in a raw value. A `%` is not, because the value is already encoded.
const NO_OCTET: &AsciiSet = &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

/// Returns a raw value as it may be forwarded: octets that are not allowed in a value are percent-encoded. Returns
/// `None` if there are such octets and the value does not decode to a text.
pub(crate) fn forwardable(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    if is_octets(value) {
        return Some(Cow::Borrowed(value));
    }
    decode(value)?;
    Some(Cow::Owned(percent_encode(value, NO_OCTET).to_string().into_bytes()))
}

/// Returns whether a text may be a key, or the end of one: visible ASCII without delimiters (RFC 9110, `token`).
fn is_token(text: &[u8]) -> bool {
    let is_part = |byte: &u8| {
        matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.')
            || matches!(byte, b'^' | b'_' | b'`' | b'|' | b'~')
    };
    !text.is_empty() && text.iter().all(is_part)
}

/// Returns whether all bytes are allowed in a value that is written.
fn is_octets(text: &[u8]) -> bool {
    text.iter().all(|byte| is_octet(*byte))
}

fn is_octet(byte: u8) -> bool {
    is_octet_or_comma(byte) & (byte != b',')
}

fn is_octet_or_comma(byte: u8) -> bool {
    byte.is_ascii_graphic() & (byte != b'"') & (byte != b';') & (byte != b'\\')
}

#[cfg(test)]
mod tests;
