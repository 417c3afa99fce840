//! The commas between the members of `baggage`.

use std::slice;

use wide::u8x16;

/// The number of bytes that are compared at once.
const WIDTH: usize = 16;

/// An iterator over the positions of `,` in a text, in order.
pub(super) struct Commas<'a> {
    chunks: slice::Iter<'a, [u8; WIDTH]>,
    rest: &'a [u8],
    /// The start of the current chunk.
    start: usize,
    /// A bit for each comma of the current chunk that has not been returned yet.
    found: u32,
}

impl<'a> Commas<'a> {
    #[inline]
    pub(super) fn of(text: &'a [u8]) -> Self {
        let (chunks, rest) = text.as_chunks();
        // The position before the first chunk, which begins at 0.
        Self { chunks: chunks.iter(), rest, start: 0_usize.wrapping_sub(WIDTH), found: 0 }
    }

    #[inline]
    fn look_at(&mut self, chunk: [u8; WIDTH]) {
        self.start = self.start.wrapping_add(WIDTH);
        self.found = u8x16::new(chunk).simd_eq(u8x16::splat(b',')).to_bitmask();
    }
}

impl Iterator for Commas<'_> {
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
            for place in 0..length {
                let mut text = vec![b'x'; length];
                text[place] = b',';
                assert_eq!(Commas::of(&text).collect::<Vec<_>>(), [place], "of {length}");
            }
            assert!(Commas::of(&b",".repeat(length)).eq(0..length));
        }
    }
}
