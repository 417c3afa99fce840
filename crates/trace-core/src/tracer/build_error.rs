//! The error of a builder.

use std::fmt;

/// The error of an option that has a value that is not allowed. Its message names the option, the value and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    option: &'static str,
    value: String,
    rule: String,
}

impl BuildError {
    pub(super) fn new(option: &'static str, value: String, rule: String) -> Self {
        Self { option, value, rule }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, value, rule } = self;
        write!(f, "cannot build tracer: option {option} is {value:?}: {rule}")
    }
}

impl std::error::Error for BuildError {}
