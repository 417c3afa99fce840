//! The search for several texts and regular expressions in the whole text of a URL.

use memchr::memmem::Finder;

use super::expression::{Regex, join};

/// A search for texts and regular expressions. A URL matches if it contains one of them.
#[derive(Debug, Clone)]
pub(super) struct Search {
    texts: Vec<Finder<'static>>,
    expressions: Vec<Regex>,
}

impl Search {
    pub(super) fn new(texts: &[String], expressions: Vec<Regex>) -> Self {
        let texts = texts.iter().map(|text| Finder::new(text).into_owned()).collect();
        Self { texts, expressions: join(expressions) }
    }

    /// Returns whether there is nothing to search for.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.expressions.is_empty()
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.texts.iter().any(|sought| sought.find(text).is_some())
            || self.expressions.iter().any(|expression| expression.is_match(text))
    }
}
