//! Regular expressions as targets.

mod alternatives;
mod anchors;
mod reach;
#[cfg(test)]
mod tests;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use trace_http::strip_credentials;

pub(super) use regex::bytes::Regex;

use super::analysis::{Finding, dead, finding};
use super::mistake::reasons;
use alternatives::{MOST, alternatives};

/// The text of a regular expression.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Expression(String);

impl Expression {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compiles the expression. The error is the rule that it breaks.
    pub(super) fn compile(&self) -> Result<Regex, String> {
        // The syntax is checked first, with an error that does not quote the expression.
        let parsed = self.parse()?;
        let compiled = Regex::new(&self.0).map_err(|error| refusal(&error))?;
        match dead(&parsed) {
            None => Ok(compiled),
            Some(mistakes) => Err(format!(
                "it can match no URL: {}. For a path on any host there is Target::path",
                reasons(&mistakes)
            )),
        }
    }

    /// Returns what is wrong with the expression, or with some of its alternatives, which come with their text.
    pub(super) fn findings(&self) -> Vec<(Option<String>, Finding)> {
        let Ok(whole) = self.parse() else {
            return Vec::new();
        };
        let alternatives = alternatives(&whole);
        if alternatives.is_empty() {
            return finding(&whole).map(|finding| (None, finding)).into_iter().collect();
        }
        let shown = |pattern: &Hir| strip_credentials(&pattern.to_string()).into_owned();
        let findings = alternatives.iter().filter_map(|it| Some((Some(shown(it)), finding(it)?)));
        findings.take(MOST).collect()
    }

    /// Parses the expression as the crate regex parses it for bytes.
    fn parse(&self) -> Result<Hir, String> {
        let parsed = ParserBuilder::new().utf8(false).build().parse(&self.0);
        parsed.map_err(|error| match &error {
            regex_syntax::Error::Parse(error) => refusal(error.kind()),
            regex_syntax::Error::Translate(error) => refusal(error.kind()),
            _ => refusal(&"its syntax is wrong"),
        })
    }
}

fn refusal(reason: &impl ToString) -> String {
    format!("it must be a regular expression: {}", reason.to_string())
}

/// Joins expressions, because one search costs less than several. They are not joined if the result is too large, if
/// the name of a group is used twice, or if a comment of the verbose mode would hide the expressions after it.
pub(super) fn join(expressions: Vec<Regex>) -> Vec<Regex> {
    if expressions.len() < 2 || expressions.iter().any(|it| it.as_str().contains('#')) {
        return expressions;
    }
    let groups: Vec<_> = expressions.iter().map(|it| format!("(?:{it})")).collect();
    match Regex::new(&groups.join("|")) {
        Ok(joined) => vec![joined],
        Err(_) => expressions,
    }
}
