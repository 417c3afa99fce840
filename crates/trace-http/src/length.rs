//! The announced length of a body.

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

/// The length of a response's body according to its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Unknown,
    Known(u64),
    /// A `content-length` that is not a number, or several that differ. hyper rejects it, or the client does.
    Invalid,
}

impl Length {
    /// Reads all lines of `content-length`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(CONTENT_LENGTH).iter().map(|line| digits(line.as_bytes()));
        match lines.next() {
            None => Self::Unknown,
            Some(Some(length)) if lines.all(|line| line == Some(length)) => Self::Known(length),
            Some(_) => Self::Invalid,
        }
    }

    /// Returns the length, else that of the size hint.
    pub(crate) fn or(self, hint: Option<u64>) -> Option<u64> {
        match self {
            Self::Known(length) => Some(length),
            Self::Unknown | Self::Invalid => hint,
        }
    }
}

/// Reads a number without a sign or white space.
fn digits(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    if text.starts_with('+') { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::Length::{self, Invalid, Known, Unknown};
    use super::*;

    #[test]
    fn lines_of_content_length() {
        let table: [(&[&'static str], Length); 14] = [
            (&[], Unknown),
            (&["0"], Known(0)),
            (&["11"], Known(11)),
            (&["011"], Known(11)),
            (&["11", "11"], Known(11)),
            (&["11", "12"], Invalid),
            (&["11", "x"], Invalid),
            (&["x", "11"], Invalid),
            (&["11, 11"], Invalid),
            (&["+11"], Invalid),
            (&["-1"], Invalid),
            (&["1 1"], Invalid),
            (&[""], Invalid),
            (&["18446744073709551616"], Invalid),
        ];
        for (lines, expected) in table {
            let lines_of = lines.iter().map(|line| (CONTENT_LENGTH, HeaderValue::from_static(line)));
            let mut headers = HeaderMap::new();
            lines_of.for_each(|(name, line)| _ = headers.append(name, line));
            assert_eq!(Length::of(&headers), expected, "{lines:?}");
        }
    }
}
