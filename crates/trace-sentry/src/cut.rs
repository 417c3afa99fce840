//! The limits of texts.

/// The maximum length of the key or value of a tag, in characters.
pub(crate) const MAX_TAG: usize = 200;
/// The maximum length of another text, in characters.
pub(crate) const MAX_TEXT: usize = 8192;

/// Returns the text, cut to at most `most` characters.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    // A text has no more characters than bytes, so that most texts need not be counted.
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
