//! The search for several texts and patterns in the whole text of a URL.

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::pattern;
use super::target::TargetError;

/// A search for texts and patterns. A URL matches if it contains one of them.
#[derive(Debug, Clone)]
pub(super) struct Search {
    texts: Vec<Finder<'static>>,
    patterns: Vec<Regex>,
}

impl Search {
    pub(super) fn new(texts: &[String], patterns: &[String]) -> Result<Self, TargetError> {
        let texts = texts.iter().map(|text| Finder::new(text).into_owned()).collect();
        Ok(Self { texts, patterns: join(patterns)? })
    }

    /// Returns whether there is nothing to search for.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.patterns.is_empty()
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.texts.iter().any(|sought| sought.find(text).is_some())
            || self.patterns.iter().any(|pattern| pattern.is_match(text))
    }
}

/// Joins patterns, because one search costs less than several. They are not joined if the result is too large, if the
/// name of a group is used twice, or if a comment of the verbose mode would hide the patterns after it.
fn join(patterns: &[String]) -> Result<Vec<Regex>, TargetError> {
    let can_join = !patterns.is_empty() && !patterns.iter().any(|pattern| pattern.contains('#'));
    let groups: Vec<_> = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
    match Regex::new(&groups.join("|")) {
        Ok(joined) if can_join => Ok(vec![joined]),
        _ => patterns.iter().map(|pattern| pattern::compile(pattern)).collect(),
    }
}
