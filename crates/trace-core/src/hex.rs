//! Fixed-length hex, eight digits at a time: `from_str_radix` would take a leading `+` and any length.

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Decodes exactly `2 * N` digits of either case; `N` is a multiple of 4.
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (groups, rest) = digits.as_chunks::<8>();
    if groups.len() * 4 != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    let mut wrong = 0;
    for (group, four) in groups.iter().zip(bytes.as_chunks_mut::<4>().0) {
        let text = u64::from_be_bytes(*group);
        // A digit is its low four bits; a letter, told by bit 6, is 9 more.
        let letters = (text >> 6) & each(1);
        let values = (text & each(0x0f)) + letters * 9;
        // What is no digit gives a value above 15 or is another text than its value.
        wrong |= (values & each(0xf0)) | (to_digits(values) ^ (text | letters << 5));
        *four = pack(values).to_be_bytes();
    }
    (wrong == 0).then_some(bytes)
}

/// Writes the lower-case digits of `bytes`, a multiple of 4, into `text`, which is twice as long.
pub(crate) fn encode(bytes: &[u8], text: &mut [u8]) {
    for (four, group) in bytes.as_chunks::<4>().0.iter().zip(text.as_chunks_mut::<8>().0) {
        *group = to_digits(spread(u32::from_be_bytes(*four))).to_be_bytes();
    }
}

/// Decodes exactly two digits of either case.
pub(crate) fn decode_byte(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    Some(value(*high)? << 4 | value(*low)?)
}

/// Values of 0 to 15 in eight bytes, as lower-case digits.
fn to_digits(values: u64) -> u64 {
    // Adding 118 reaches bit 7 from 10 on.
    let letters = ((values + each(118)) >> 7) & each(1);
    values.wrapping_add(each(b'0')).wrapping_add(letters * u64::from(b'a' - b'0' - 10))
}

/// Eight values of 0 to 15, each in a byte, as four bytes.
fn pack(values: u64) -> u32 {
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    (fours | fours >> 16) as u32
}

/// Four bytes as eight values of 0 to 15, each in a byte.
fn spread(bytes: u32) -> u64 {
    let fours = u64::from(bytes);
    let fours = (fours | fours << 16) & 0x0000_ffff_0000_ffff;
    let pairs = (fours | fours << 8) & 0x00ff_00ff_00ff_00ff;
    (pairs | pairs << 4) & each(0x0f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, !byte, byte.rotate_left(3), 0];
            let mut text = [0; 8];
            encode(&bytes, &mut text);
            assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{:08x}", u32::from_be_bytes(bytes)));
            assert_eq!(decode::<4>(&text), Some(bytes));
            assert_eq!(decode::<4>(&text.to_ascii_uppercase()), Some(bytes));
            assert_eq!(decode_byte(&text[..2]), Some(byte));
        }
    }

    #[test]
    fn every_byte_that_is_no_digit_is_refused_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut text = *b"0123cdEF";
                text[place] = byte;
                assert_eq!(decode::<4>(&text).is_some(), byte.is_ascii_hexdigit(), "{byte:#x} at {place}");
            }
            assert_eq!(decode_byte(&[b'0', byte]).is_some(), byte.is_ascii_hexdigit());
        }
    }

    #[test]
    fn the_length_is_exact() {
        for text in ["", "0123456", "012345678", "0123456789abcdef"] {
            assert_eq!(decode::<4>(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(decode_byte(b"0"), None);
    }
}
