//! Fixed-length hex, sixteen digits at a time. `from_str_radix` would accept a leading `+` and any length.

use wide::bytemuck::cast;
use wide::{i8x16, u8x16, u16x8};

/// Decodes exactly `2 * N` digits of either case; `N` is a multiple of 8.
#[inline]
pub(crate) fn decode<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let (groups, rest) = digits.as_chunks::<16>();
    if groups.len() * 8 != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    let mut all = u8x16::ZERO;
    for (group, eight) in groups.iter().zip(bytes.as_chunks_mut::<8>().0) {
        let values = values_of(*group);
        all |= values;
        *eight = pack(values);
    }
    // A value above 15 is not a digit: the addition sets its bit 7.
    (all.saturating_add(u8x16::splat(0x70)).to_bitmask() == 0).then_some(bytes)
}

/// Returns the values of sixteen digits; above 15 for a byte that is not a digit.
#[inline]
fn values_of(digits: [u8; 16]) -> u8x16 {
    let text = u8x16::new(digits);
    let numbers = text - u8x16::splat(b'0');
    let letters = (text | u8x16::splat(0x20)) - u8x16::splat(b'a');
    let is_number: u8x16 = cast(cast::<_, i8x16>(numbers).simd_lt(i8x16::splat(10)));
    // A byte below `0` is negative in this signed comparison, so it is kept; as an unsigned value it is above 15.
    is_number.bitselect(numbers, letters.saturating_add(u8x16::splat(10)))
}

/// Packs sixteen values into eight bytes.
#[inline]
fn pack(values: u8x16) -> [u8; 8] {
    let pairs: u16x8 = cast(values);
    // The first digit of a pair is its lower byte on most processors.
    let joined = if cfg!(target_endian = "little") { pairs << 4 | pairs >> 8 } else { pairs >> 4 | pairs };
    let joined = joined & u16x8::splat(0xff);
    let [bytes, _]: [[u8; 8]; 2] = cast(u8x16::narrow_i16x8(cast(joined), cast(joined)));
    bytes
}

/// Writes the lower-case digits of `bytes` into `text`, which is twice as long. The number of bytes is a multiple of 8.
#[inline]
pub(crate) fn encode(bytes: &[u8], text: &mut [u8]) {
    for (eight, group) in bytes.as_chunks::<8>().0.iter().zip(text.as_chunks_mut::<16>().0) {
        let pairs: u16x8 = cast([*eight, [0; 8]]);
        let low = |pairs: u16x8| cast::<_, u8x16>(pairs) & u8x16::splat(0x0f);
        let values = u8x16::unpack_low(low(pairs >> 4), low(pairs));
        let is_letter: u8x16 = cast(i8x16::splat(9).simd_lt(cast::<_, i8x16>(values)));
        let digits = values + u8x16::splat(b'0') + (is_letter & u8x16::splat(b'a' - b'0' - 10));
        *group = digits.to_array();
    }
}

/// Decodes exactly two digits of either case.
pub(crate) fn decode_byte(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    Some(value(*high)? << 4 | value(*low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives() {
        for byte in 0..=u8::MAX {
            let bytes = [byte, !byte, byte.rotate_left(3), 0, 1, byte, 0xff, byte ^ 0x55];
            let mut text = [0; 16];
            encode(&bytes, &mut text);
            assert_eq!(std::str::from_utf8(&text).unwrap(), format!("{:016x}", u64::from_be_bytes(bytes)));
            assert_eq!(decode::<8>(&text), Some(bytes));
            assert_eq!(decode::<8>(&text.to_ascii_uppercase()), Some(bytes));
            assert_eq!(decode_byte(&text[..2]), Some(byte));
        }
    }

    #[test]
    fn every_byte_that_is_no_digit_is_refused_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..32 {
                let mut text = *b"0123cdEF456789aBABCDabcd01234567";
                text[place] = byte;
                assert_eq!(decode::<16>(&text).is_some(), byte.is_ascii_hexdigit(), "{byte:#x} at {place}");
            }
            assert_eq!(decode_byte(&[b'0', byte]).is_some(), byte.is_ascii_hexdigit());
        }
    }

    #[test]
    fn the_length_is_exact() {
        for text in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdef0123456789abcdef"] {
            assert_eq!(decode::<8>(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(decode_byte(b"0"), None);
    }
}
