//! The search for several texts and patterns at once in the whole text of a URL.

use aho_corasick::packed::Searcher;
use regex::bytes::Regex;

use super::pattern;
use super::target::TargetError;

/// A search for texts and patterns. A URL matches if it contains one of them.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// The texts in a vectorized search. `None` if there are no texts or too many, or if the processor does not support
    /// it.
    texts: Option<Searcher>,
    /// The patterns, and the texts that are not in the vectorized search.
    patterns: Vec<Regex>,
}

impl Search {
    pub(super) fn new(texts: &[String], patterns: &[String]) -> Result<Self, TargetError> {
        let searcher = Searcher::new(texts);
        let escaped: Vec<_> = match &searcher {
            Some(_) => Vec::new(),
            None => texts.iter().map(|text| regex::escape(text)).collect(),
        };
        Ok(Self { texts: searcher, patterns: [join(&escaped)?, join(patterns)?].concat() })
    }

    /// Returns whether there is nothing to search for.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_none() && self.patterns.is_empty()
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.texts.as_ref().is_some_and(|texts| texts.find(text).is_some())
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
