//! Texts of a given length.

/// A beginning, and as many parts as at most `length` bytes can hold.
pub(super) fn filled(beginning: &str, length: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = beginning.to_owned();
    for part in (0..).map(part) {
        if text.len() + part.len() > length {
            break;
        }
        text += &part;
    }
    text
}
