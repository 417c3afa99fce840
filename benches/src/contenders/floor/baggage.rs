//! The `baggage` header.

use wide::u8x32;

const PREFIX: &[u8] = b"sentry-";

/// Whether every member is Sentry's, so that the value can be sent on as it is.
pub(super) fn is_ours(line: &[u8]) -> bool {
    let begins = |at| line.get(at..at + PREFIX.len()) == Some(PREFIX);
    let all_begin = |chunk: &[u8; 32], start: usize| {
        let mut commas = u8x32::new(*chunk).simd_eq(u8x32::splat(b',')).to_bitmask();
        while commas != 0 {
            if !begins(start + commas.trailing_zeros() as usize + 1) {
                return false;
            }
            commas &= commas - 1;
        }
        true
    };
    let Some(last) = line.last_chunk() else {
        return begins(0) && (1..).zip(line).all(|(next, byte)| *byte != b',' || begins(next));
    };
    let chunks = line.as_chunks::<32>().0;
    // The last chunk overlaps the one before it.
    begins(0)
        && (0..).step_by(32).zip(chunks).all(|(start, chunk)| all_begin(chunk, start))
        && all_begin(last, line.len() - 32)
}

#[test]
fn every_member_counts() {
    assert!(is_ours(crate::inputs::BAGGAGE.as_bytes()));
    for place in 0..40 {
        let filler = "x".repeat(place);
        assert!(is_ours(format!("sentry-a={filler},sentry-b=2,sentry-c={filler}").as_bytes()));
        assert!(!is_ours(format!("sentry-a={filler},b=2,sentry-c={filler}").as_bytes()));
        assert!(!is_ours(format!("sentry-a={filler},sentry-b=2,").as_bytes()));
    }
    assert!(!is_ours(b"b=2,sentry-a=1"));
}
