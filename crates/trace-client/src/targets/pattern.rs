//! The parsing and compilation of regular expressions.

use regex::bytes::Regex;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::target::{Target, TargetError};

/// Compiles a pattern.
pub(super) fn compile(pattern: &str) -> Result<Regex, TargetError> {
    // The syntax is checked first, with an error that does not quote the pattern.
    parse(pattern)?;
    Regex::new(pattern).map_err(|error| refusal(pattern, &error))
}

/// Parses a pattern as the crate regex parses it for bytes.
pub(super) fn parse(pattern: &str) -> Result<Hir, TargetError> {
    let parsed = ParserBuilder::new().utf8(false).build().parse(pattern);
    parsed.map_err(|error| match &error {
        regex_syntax::Error::Parse(error) => refusal(pattern, error.kind()),
        regex_syntax::Error::Translate(error) => refusal(pattern, error.kind()),
        _ => refusal(pattern, &"its syntax is wrong"),
    })
}

fn refusal(pattern: &str, reason: &impl ToString) -> TargetError {
    Target::regex(pattern).error(format!("it must be a regular expression: {}", reason.to_string()))
}
