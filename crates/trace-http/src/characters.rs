//! The characters of a URL, each of which may be percent-encoded any number of times.

use std::ops::Range;

/// Returns the bytes that a text encodes, with the range of each: `:`, `%3A` and `%253A` are the same byte.
pub(crate) fn characters(text: &str) -> impl Iterator<Item = (u8, Range<usize>)> {
    let mut place = 0;
    std::iter::from_fn(move || {
        let (byte, length) = first(text.as_bytes().get(place..)?)?;
        let start = place;
        place += length;
        Some((byte, start..place))
    })
}

/// Returns the first byte that a text encodes, and the length of its encoded form.
fn first(text: &[u8]) -> Option<(u8, usize)> {
    let (&byte, mut rest) = text.split_first()?;
    if byte != b'%' {
        return Some((byte, 1));
    }
    // A percent sign that is encoded itself.
    while let Some(deeper) = rest.strip_prefix(b"25") {
        rest = deeper;
    }
    let decoded = match rest {
        [high, low, ..] => digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low),
        _ => None,
    };
    let written = text.len() - rest.len();
    Some(decoded.map_or((b'%', written), |byte| (byte, written + 2)))
}

fn digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_decoded_as_often_as_it_is_encoded() {
        let table: [(&str, &[u8]); 10] = [
            ("a:/", b"a:/"),
            ("%3A%3a", b"::"),
            ("%253A%25253a.", b"::."),
            ("%25", b"%"),
            ("%2525", b"%"),
            ("%", b"%"),
            ("%zz", b"%zz"),
            ("%253", b"%3"),
            ("%2", b"%2"),
            ("%C3%A9\u{e9}", b"\xc3\xa9\xc3\xa9"),
        ];
        for (text, expected) in table {
            let bytes: Vec<_> = characters(text).map(|(byte, _)| byte).collect();
            assert_eq!(bytes, expected, "{text}");
            let lengths = characters(text).map(|(_, place)| place.len());
            assert_eq!(lengths.sum::<usize>(), text.len(), "{text}");
        }
    }
}
