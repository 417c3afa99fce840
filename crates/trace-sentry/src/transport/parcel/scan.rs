//! The boundaries of an envelope's items, from their headers alone.
//!
//! Source: Sentry's document Envelopes.
//!
//! ```text
//! Envelope = Headers { "\n" Item } [ "\n" ]
//! Item     = Headers "\n" Payload
//! ```
//!
//! A payload without a `length` ends at the end of its line. The envelope's headers are not read.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;

/// The place of an item in the bytes of its envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) kind: Cow<'a, str>,
    /// From the item's headers to the line end after its payload.
    pub(super) item: Range<usize>,
    pub(super) payload: Range<usize>,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    length: Option<usize>,
}

/// Returns the length of the first line, with its end, and the items after it. Returns `None` if the bytes are no
/// envelope.
pub(super) fn scan(bytes: &[u8]) -> Option<(usize, Vec<Place<'_>>)> {
    let first = next_line(bytes, 0);
    let (mut at, mut places) = (first, Vec::new());
    while at < bytes.len() {
        if bytes.get(at) == Some(&b'\n') {
            at += 1;
            continue;
        }
        let payload = next_line(bytes, at);
        let Header { r#type: kind, length } = serde_json::from_slice(bytes.get(at..payload)?).ok()?;
        let end = match length {
            Some(length) => payload.checked_add(length)?,
            None => line_end(bytes, payload),
        };
        let next = match bytes.get(end) {
            Some(b'\n') => end + 1,
            None if end == bytes.len() => end,
            _ => return None,
        };
        places.push(Place { kind, item: at..next, payload: payload..end });
        at = next;
    }
    Some((first, places))
}

/// Returns the position of the end of the line, or the end of the bytes.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| from + length)
}

fn next_line(bytes: &[u8], from: usize) -> usize {
    (line_end(bytes, from) + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::scan;

    /// The type and the payload of each item.
    fn items(bytes: &str) -> Option<Vec<(String, &str)>> {
        let (_, places) = scan(bytes.as_bytes())?;
        Some(places.into_iter().map(|place| (place.kind.into_owned(), &bytes[place.payload])).collect())
    }

    #[test]
    fn items_end_where_their_headers_say() {
        type Row<'a> = (&'a str, &'a str, Option<&'a [(&'a str, &'a str)]>);
        let table: &[Row<'_>] = &[
            ("nothing", "", Some(&[])),
            ("no items", "{}", Some(&[])),
            ("no items, and a line end", "{}\n", Some(&[])),
            ("one item", "{}\n{\"type\":\"event\",\"length\":2}\n{}\n", Some(&[("event", "{}")])),
            ("no line end", "{}\n{\"type\":\"event\",\"length\":2}\n{}", Some(&[("event", "{}")])),
            ("no length", "{}\n{\"type\":\"event\"}\n{}\n", Some(&[("event", "{}")])),
            ("no length, no line end", "{}\n{\"type\":\"event\"}\n{}", Some(&[("event", "{}")])),
            (
                "other fields",
                "{}\n{\"type\":\"log\",\"item_count\":3,\"x\":[{}]}\n1\n",
                Some(&[("log", "1")]),
            ),
            (
                "line ends in a payload",
                "{}\n{\"type\":\"attachment\",\"length\":3}\na\nb\n{\"type\":\"session\"}\n{}",
                Some(&[("attachment", "a\nb"), ("session", "{}")]),
            ),
            (
                "empty payloads and lines",
                "{}\n\n{\"type\":\"a\",\"length\":0}\n\n\n{\"type\":\"b\"}\n\n",
                Some(&[("a", ""), ("b", "")]),
            ),
            ("a type with escapes", "{}\n{\"type\":\"\\u0061\"}\n", Some(&[("a", "")])),
            ("no type", "{}\n{\"length\":2}\n{}\n", None),
            ("no header", "{}\nhello\n", None),
            ("a payload that is too short", "{}\n{\"type\":\"event\",\"length\":3}\n{}", None),
            ("a payload that is too long", "{}\n{\"type\":\"event\",\"length\":1}\n{}\n", None),
            ("a negative length", "{}\n{\"type\":\"event\",\"length\":-1}\n{}\n", None),
            ("a huge length", "{}\n{\"type\":\"event\",\"length\":18446744073709551615}\n{}\n", None),
        ];
        for (name, bytes, expected) in table {
            let expected = expected.map(|items| {
                items.iter().map(|(kind, item)| ((*kind).to_owned(), *item)).collect::<Vec<_>>()
            });
            assert_eq!(items(bytes), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_items_cover_the_bytes(bytes in "(\\{\\}|\n|\\{\"type\":\"a\"(,\"length\":[0-4])?\\}\n|[a-c]){0,12}") {
            if let Some((header, places)) = scan(bytes.as_bytes()) {
                let mut at = header;
                for place in &places {
                    prop_assert!(bytes[at..place.item.start].bytes().all(|byte| byte == b'\n'));
                    at = place.item.end;
                }
                prop_assert!(bytes[at..].bytes().all(|byte| byte == b'\n'));
            }
        }
    }
}
