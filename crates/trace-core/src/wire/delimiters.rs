//! Where members of `baggage` and their parts end.

use std::slice;

use wide::u8x16;

/// How many bytes are looked at together.
const WIDTH: usize = 16;

/// The places of `,` and `=` in a text, in order.
pub(super) struct Delimiters<'a> {
    chunks: slice::Iter<'a, [u8; WIDTH]>,
    rest: &'a [u8],
    /// Where the chunk begins whose delimiters are given next.
    start: usize,
    /// A bit for each of them.
    found: u32,
}

impl<'a> Delimiters<'a> {
    #[inline]
    pub(super) fn of(text: &'a [u8]) -> Self {
        let (chunks, rest) = text.as_chunks();
        // Before the first chunk, which begins at 0.
        Self { chunks: chunks.iter(), rest, start: 0_usize.wrapping_sub(WIDTH), found: 0 }
    }

    #[inline]
    fn look_at(&mut self, chunk: [u8; WIDTH]) {
        let bytes = u8x16::new(chunk);
        let is = |byte| bytes.simd_eq(u8x16::splat(byte));
        self.start = self.start.wrapping_add(WIDTH);
        self.found = (is(b',') | is(b'=')).to_bitmask();
    }
}

impl Iterator for Delimiters<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            if let Some(chunk) = self.chunks.next() {
                self.look_at(*chunk);
            } else {
                let rest = std::mem::take(&mut self.rest);
                let mut chunk = [0; WIDTH];
                chunk.get_mut(..rest.len()).filter(|chunk| !chunk.is_empty())?.copy_from_slice(rest);
                self.look_at(chunk);
            }
        }
        let place = self.start + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_every_length() {
        for length in 0..100 {
            for (place, delimiter) in (0..length).zip([b',', b'='].into_iter().cycle()) {
                let mut text = vec![b'x'; length];
                text[place] = delimiter;
                assert_eq!(Delimiters::of(&text).collect::<Vec<_>>(), [place], "of {length}");
            }
            assert!(Delimiters::of(&b",=".repeat(length)).eq(0..2 * length));
        }
    }
}
