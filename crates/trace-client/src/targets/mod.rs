//! Trace propagation targets: does this URL get the headers?
//!
//! Source: Sentry's Trace Propagation document, `tracePropagationTargets`. Matched is the absolute URL without
//! credentials and fragment, scheme and host in lower case, without the default port, an empty path as `/`; dot
//! segments stay, and all else is case-sensitive.

mod explanation;
mod matcher;
mod target;
mod url;

use regex::Regex;

pub use explanation::Explanation;
pub use target::{Target, TargetError};
pub(crate) use url::RequestUrl;

use matcher::Matcher;

/// The URLs that get the headers: all of them, or those that match a list. By default all.
///
/// ```
/// use trace_client::{PropagationTargets, Target};
///
/// let targets = PropagationTargets::new([Target::host("inventory.internal"), "orders".into()])?;
/// assert!(targets.explain("http://inventory.internal:8080/items/7").is_match());
/// assert!(!targets.explain("https://inventory.internal.evil.test/").is_match());
/// # Ok::<(), trace_client::TargetError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct PropagationTargets {
    /// `None` means all.
    list: Option<List>,
}

#[derive(Debug, Clone)]
struct List {
    targets: Vec<Target>,
    /// The targets that are no regular expressions.
    matchers: Vec<Matcher>,
    /// All regular expressions as the alternatives of one, if they can be.
    regexes: Vec<Regex>,
    reads_text: bool,
}

impl PropagationTargets {
    /// The URLs that match one of these; an empty list is none.
    ///
    /// # Errors
    ///
    /// If a target is empty, or is no host, origin, URL prefix or regular expression as it says.
    pub fn new(targets: impl IntoIterator<Item = Target>) -> Result<Self, TargetError> {
        let targets: Vec<Target> = targets.into_iter().collect();
        let mut matchers = Vec::new();
        let mut patterns = Vec::new();
        for target in &targets {
            match target.as_regex()? {
                Some(pattern) => patterns.push(pattern),
                None => matchers.push(target.compile()?),
            }
        }
        let regexes = join(&patterns)?;
        let reads_text = !regexes.is_empty() || matchers.iter().any(Matcher::reads_text);
        Ok(Self { list: Some(List { targets, matchers, regexes, reads_text }) })
    }

    /// Whether a request gets the headers. An unknown URL matches no list.
    pub(crate) fn matches(&self, url: Option<&RequestUrl<'_>>) -> bool {
        let Some(list) = &self.list else { return true };
        if list.targets.is_empty() {
            return false;
        }
        url.is_some_and(|url| {
            list.matchers.iter().any(|matcher| matcher.matches_parts(url))
                || list.reads_text && url.with_text(|text| list.matches_text(text))
        })
    }

    /// Tells which target a URL matches, and which hosts could match it as well.
    #[must_use]
    pub fn explain(&self, url: &str) -> Explanation {
        let targets = self.list.as_ref().map(|list| list.targets.as_slice());
        Explanation::of(targets, url)
    }
}

impl List {
    fn matches_text(&self, text: &str) -> bool {
        self.matchers.iter().any(|matcher| matcher.matches_text(text))
            || self.regexes.iter().any(|regex| regex.is_match(text))
    }
}

/// Joins patterns, since one search costs less than several. They stay apart if the whole is too large, a name of a
/// group is used twice, or a comment of the verbose mode would swallow what follows.
fn join(patterns: &[&str]) -> Result<Vec<Regex>, TargetError> {
    let can_join = !patterns.is_empty() && !patterns.iter().any(|pattern| pattern.contains('#'));
    let groups: Vec<_> = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
    match Regex::new(&groups.join("|")) {
        Ok(joined) if can_join => Ok(vec![joined]),
        _ => patterns.iter().map(|pattern| target::regex(pattern)).collect(),
    }
}

#[cfg(test)]
mod tests;
