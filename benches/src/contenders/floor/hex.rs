//! Hex digits, sixteen at a time in one vector register. A number holds its first digits in its lowest byte.

use wide::bytemuck::cast;
use wide::{i8x16, i16x8, u8x16, u16x8};

/// Decodes three times sixteen digits of either case.
#[inline(always)]
pub(super) fn decode(digits: [&[u8; 16]; 3]) -> Option<[u64; 3]> {
    let [a, b, c] = digits;
    let (a, b, c) = (values(*a), values(*b), values(*c));
    // Bit 7 where a value is above 15.
    let wrong = (a | b | c).saturating_add(u8x16::splat(0x70));
    let [first, second]: [u64; 2] = cast(u8x16::narrow_i16x8(join(a), join(b)));
    let [third, _]: [u64; 2] = cast(u8x16::narrow_i16x8(join(c), join(c)));
    (wrong.to_bitmask() == 0).then_some([first, second, third])
}

/// The values of digits; above 15 for what is no digit.
#[inline(always)]
fn values(digits: [u8; 16]) -> u8x16 {
    let text = u8x16::new(digits);
    let numbers = text - u8x16::splat(b'0');
    let letters = (text | u8x16::splat(0x20)) - u8x16::splat(b'a');
    // Also where the number is negative, which is above 15 without a sign.
    let is_number: u8x16 = cast(cast::<_, i8x16>(numbers).simd_lt(i8x16::splat(10)));
    is_number.bitselect(numbers, letters.saturating_add(u8x16::splat(10)))
}

/// Joins the values of two digits to a byte in each pair.
#[inline(always)]
fn join(values: u8x16) -> i16x8 {
    let pairs: u16x8 = cast(values);
    cast((pairs << 4 | pairs >> 8) & u16x8::splat(0xff))
}

/// The sixteen lower-case digits of a number.
#[inline(always)]
pub(super) fn encode(number: u64) -> [u8; 16] {
    let bytes: u16x8 = cast([number, 0]);
    let low_half = |bytes: u16x8| cast::<_, u8x16>(bytes) & u8x16::splat(0x0f);
    let values = u8x16::unpack_low(low_half(bytes >> 4), low_half(bytes));
    let is_letter: u8x16 = cast(i8x16::splat(9).simd_lt(cast::<_, i8x16>(values)));
    (values + u8x16::splat(b'0') + (is_letter & u8x16::splat(b'a' - b'0' - 10))).to_array()
}

#[test]
fn what_is_encoded_is_decoded() {
    let others = b"0123456789abcdef";
    for number in [0, 1, 0x0123_4567_89ab_cdef_u64, u64::MAX] {
        let text: [u8; 16] = format!("{number:016x}").into_bytes().try_into().unwrap();
        assert_eq!(encode(number.swap_bytes()), text);
        let upper_case = text.map(|digit| digit.to_ascii_uppercase());
        let expected = number.swap_bytes();
        assert_eq!(decode([&text, &upper_case, &text]), Some([expected; 3]));
    }
    for (place, byte) in (0..16).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte))) {
        let mut text = *others;
        text[place] = byte;
        for digits in [[&text, others, others], [others, &text, others], [others, others, &text]] {
            assert_eq!(decode(digits).is_some(), byte.is_ascii_hexdigit(), "{byte:#x} at {place}");
        }
    }
}
