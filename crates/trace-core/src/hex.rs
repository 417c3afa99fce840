//! Fixed-length hex: `from_str_radix` would take a leading `+` and any length.

const INVALID: u8 = 0xff;

/// Value of each byte as a hex digit of either case.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse")]
const VALUES: [u8; 256] = {
    let mut values = [INVALID; 256];
    let mut digit = 0;
    while digit < 16 {
        values[DIGITS[digit] as usize] = digit as u8;
        values[DIGITS[digit].to_ascii_uppercase() as usize] = digit as u8;
        digit += 1;
    }
    values
};

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// Decodes exactly `2 * N` digits.
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let pairs: &[[u8; 2]; N] = pairs.try_into().ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    let mut seen = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (value(*high), value(*low));
        seen |= high | low;
        *byte = high << 4 | low & 0x0f;
    }
    (seen & 0xf0 == 0).then_some(bytes)
}

/// Writes the lower-case digits of `bytes` into `text`, which is twice as long.
pub(crate) fn encode<'a>(bytes: &[u8], text: &'a mut [u8]) -> &'a str {
    for (byte, pair) in bytes.iter().zip(text.as_chunks_mut::<2>().0) {
        *pair = [digit(byte >> 4), digit(byte & 0x0f)];
    }
    std::str::from_utf8(text).unwrap_or_default()
}

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(INVALID)
}

fn digit(value: u8) -> u8 {
    DIGITS.get(usize::from(value)).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        for byte in 0..=u8::MAX {
            let mut text = [0; 2];
            let text = encode(&[byte], &mut text);
            assert_eq!(decode::<1>(text.as_bytes()), Some([byte]));
            assert_eq!(decode::<1>(text.to_uppercase().as_bytes()), Some([byte]));
        }
    }

    #[test]
    fn only_hex_digits_of_the_right_number() {
        for text in ["", "0", "000", "0g", "+1", " 1", "\u{ff}"] {
            assert_eq!(decode::<1>(text.as_bytes()), None, "{text:?}");
        }
    }
}
