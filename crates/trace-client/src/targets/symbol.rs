//! The characters of a URL, grouped into the kinds that the automaton distinguishes.

/// The symbol of every byte outside of ASCII.
pub(super) const NON_ASCII: u8 = 0x80;

/// All symbols: one byte of each kind.
pub(super) const SYMBOLS: [u8; 35] = *b"htpswazHTPSWAZ48309:/?#@[]._-+%\" \x00\x80";

/// Returns the symbol for a byte and for all bytes that can occur in the same places.
pub(super) fn symbol(byte: u8) -> u8 {
    match byte {
        b'h' | b't' | b'p' | b's' | b'w' | b'H' | b'T' | b'P' | b'S' | b'W' => byte,
        b'a'..=b'f' => b'a',
        b'A'..=b'F' => b'A',
        b'g'..=b'z' => b'z',
        b'G'..=b'Z' => b'Z',
        b'0' | b'3' | b'4' | b'8' => byte,
        b'1'..=b'9' => b'9',
        b'\t'..=b'\r' | b' ' => b' ',
        0..b' ' | 0x7f => 0,
        0x80.. => NON_ASCII,
        b':' | b'/' | b'?' | b'#' | b'@' | b'[' | b']' | b'.' | b'_' | b'-' | b'+' | b'%' => byte,
        _ => b'"',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_a_symbol_that_stands_for_itself() {
        for byte in 0..=u8::MAX {
            let symbol = symbol(byte);
            assert!(SYMBOLS.contains(&symbol), "{byte}");
            assert_eq!(super::symbol(symbol), symbol, "{byte}");
        }
    }
}
