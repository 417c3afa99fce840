//! The time that a caller gives a gRPC call.

use std::time::Duration;

use http::HeaderMap;

/// The largest number of digits of a `grpc-timeout`.
const MAX_DIGITS: usize = 8;

/// Reads `grpc-timeout`: at most 8 digits and a unit. Returns `None` if the header is missing or malformed.
pub(crate) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let (unit, digits) = headers.get("grpc-timeout")?.as_bytes().split_last()?;
    if digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(match unit {
        b'H' => Duration::from_secs(value * 60 * 60),
        b'M' => Duration::from_secs(value * 60),
        b'S' => Duration::from_secs(value),
        b'm' => Duration::from_millis(value),
        b'u' => Duration::from_micros(value),
        b'n' => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_digits_and_a_unit_are_a_timeout() {
        let table = [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("0m", Some(Duration::ZERO)),
            ("100000u", Some(Duration::from_millis(100))),
            ("00000005n", Some(Duration::from_nanos(5))),
            ("99999999H", Some(Duration::from_secs(99_999_999 * 3600))),
            ("100000000n", None),
            ("", None),
            ("5", None),
            ("S", None),
            ("5s", None),
            ("5 S", None),
            ("-5S", None),
            ("+5S", None),
            ("1.5S", None),
            ("5SS", None),
        ];
        for (text, expected) in table {
            let header = (http::HeaderName::from_static("grpc-timeout"), HeaderValue::from_static(text));
            assert_eq!(timeout_of(&HeaderMap::from_iter([header])), expected, "{text:?}");
        }
        assert_eq!(timeout_of(&HeaderMap::new()), None);
    }
}
