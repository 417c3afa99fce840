//! What targets look for in the whole text of a URL, all of them at once.

use aho_corasick::packed::Searcher;
use regex::bytes::Regex;

use super::pattern;
use super::target::TargetError;

/// Texts and patterns, of which one has to be found.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// The texts, if they can be sought by vectors: neither too many of them, nor a processor without.
    texts: Option<Searcher>,
    /// The patterns, and texts that cannot.
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

    /// Whether nothing is sought.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_none() && self.patterns.is_empty()
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.texts.as_ref().is_some_and(|texts| texts.find(text).is_some())
            || self.patterns.iter().any(|pattern| pattern.is_match(text))
    }
}

/// Joins patterns, since one search costs less than several. They stay apart if the whole is too large, a name of a
/// group is used twice, or a comment of the verbose mode would swallow what follows.
fn join(patterns: &[String]) -> Result<Vec<Regex>, TargetError> {
    let can_join = !patterns.is_empty() && !patterns.iter().any(|pattern| pattern.contains('#'));
    let groups: Vec<_> = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
    match Regex::new(&groups.join("|")) {
        Ok(joined) if can_join => Ok(vec![joined]),
        _ => patterns.iter().map(|pattern| pattern::compile(pattern)).collect(),
    }
}
