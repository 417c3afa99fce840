//! Fields of spans and events, read into values.

use std::error::Error;
use std::fmt::{self, Debug, Write};

use trace_core::{AttributeValue, CaughtPanics};
use tracing_core::field::{Field, Visit};

/// The most bytes of a text that are kept.
pub(crate) const LONGEST_TEXT: usize = 8192;

/// The most fields that are kept; a span keeps as many attributes.
pub(crate) const MOST_FIELDS: usize = 128;

/// The fields of a span or an event, in their order.
pub(crate) struct Fields<'a> {
    pub(crate) list: Vec<(&'static str, AttributeValue)>,
    /// `true` if one of them is a `dyn Error`.
    pub(crate) has_error: bool,
    panics: &'a CaughtPanics,
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn new(capacity: usize, panics: &'a CaughtPanics) -> Self {
        Self { list: Vec::with_capacity(capacity.min(MOST_FIELDS)), has_error: false, panics }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.list.iter().find_map(|(found, value)| (*found == name).then_some(value))
    }

    fn push(&mut self, field: &Field, value: impl Into<AttributeValue>) {
        if self.list.len() < MOST_FIELDS {
            self.list.push((field.name(), value.into()));
        }
    }

    /// Writes a value as long as it is short enough. Its panic is caught, and then it has no value.
    fn write(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.list.len() < MOST_FIELDS
            && let Some(text) = self.panics.catch(|| bounded(value))
        {
            self.push(field, text);
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, start(value, LONGEST_TEXT));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.has_error = true;
        self.write(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, format_args!("{value:?}"));
    }
}

/// Formats a value up to the length that is kept.
pub(crate) fn bounded(value: fmt::Arguments<'_>) -> String {
    let mut text = Bounded::default();
    let _is_cut = text.write_fmt(value);
    text.0
}

/// A text that is written up to a length.
#[derive(Default)]
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let kept = start(text, LONGEST_TEXT - self.0.len());
        self.0.push_str(kept);
        if kept.len() == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Returns the start of a text, at most this number of bytes.
pub(crate) fn start(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn a_text_is_cut_between_characters() {
        let table = [("abc", 3, "abc"), ("abc", 2, "ab"), ("aß", 2, "a"), ("ß", 0, ""), ("", 5, "")];
        for (text, bytes, expected) in table {
            assert_eq!(start(text, bytes), expected, "{text:?} {bytes}");
        }
    }
}
