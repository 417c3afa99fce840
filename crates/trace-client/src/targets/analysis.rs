//! The analysis of a text or a regular expression: whether it can match the URLs that it seems to be meant for.

use super::automaton::{Reading, Urls};
use super::mistake::Mistake;
use super::url_state::States;

/// A text or a regular expression, which is compared with URLs.
pub(super) trait Pattern {
    /// Returns the positions at which a match can end if it begins at one of the positions `from`.
    fn reach(&self, urls: &Urls, from: &States) -> States;
}

/// A text.
impl Pattern for &str {
    fn reach(&self, urls: &Urls, from: &States) -> States {
        urls.step_all(from, self.as_bytes())
    }
}

/// The problem of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// `true` if the pattern matches no URL at all.
    pub(super) is_dead: bool,
    /// The mistakes, all of which have to be corrected before the pattern matches. Empty if they are unknown.
    pub(super) mistakes: Vec<Mistake>,
}

/// Returns the mistakes that keep a pattern from matching any URL, or `None` if it can match one.
pub(super) fn dead(pattern: &dyn Pattern) -> Option<Vec<Mistake>> {
    // Clients differ in what they encode, and an application may use a custom scheme.
    let mistakes = vec![Mistake::NonAscii, Mistake::OtherScheme];
    let lenient = Urls { reading: Reading::Literal, mistakes };
    let can_match = !pattern.reach(&lenient, &lenient.starts()).is_empty();
    (!can_match).then(|| all_needed(pattern))
}

/// Returns the problem of a pattern that matches no URL, or that matches only by accident. A match is an accident if a
/// path or a query contains what is meant as a scheme, a host or a port.
pub(super) fn finding(pattern: &dyn Pattern) -> Option<Finding> {
    let can_match = |reading| matches(&Urls { reading, mistakes: Vec::new() }, pattern);
    if can_match(Reading::Meant) {
        return None;
    }
    let is_dead = dead(pattern).is_some();
    let is_accident = can_match(Reading::Literal);
    let mistakes = if is_accident { needed(pattern, Reading::Meant) } else { all_needed(pattern) };
    (is_dead || !mistakes.is_empty()).then_some(Finding { is_dead, mistakes })
}

/// Returns the mistakes with which a pattern matches as it is meant. If there are none, returns those with which it
/// matches literally.
fn all_needed(pattern: &dyn Pattern) -> Vec<Mistake> {
    let meant = needed(pattern, Reading::Meant);
    if meant.is_empty() { needed(pattern, Reading::Literal) } else { meant }
}

/// Returns a minimal set of mistakes with which a pattern matches. The set is empty if no mistakes make it match.
fn needed(pattern: &dyn Pattern, reading: Reading) -> Vec<Mistake> {
    let mut urls = Urls { reading, mistakes: Mistake::ALL.to_vec() };
    if !matches(&urls, pattern) {
        return Vec::new();
    }
    for mistake in Mistake::ALL {
        let mut fewer = urls.clone();
        fewer.mistakes.retain(|other| *other != mistake);
        if matches(&fewer, pattern) {
            urls = fewer;
        }
    }
    urls.mistakes
}

fn matches(urls: &Urls, pattern: &dyn Pattern) -> bool {
    pattern.reach(urls, &urls.starts()).iter().any(|state| urls.is_plain_end(*state))
}
