//! Patterns by which an option selects transactions by name.

use std::fmt;
use std::sync::Arc;

use crate::record::{Callback, CaughtPanics};

/// A set of transaction names, for [`ignore_transactions`](crate::TracerBuilder::ignore_transactions).
///
/// The whole name is compared, and case matters. The name of a request begins with its method. A `&str` or `String`
/// converts to a [`substring`](Self::substring).
///
/// ```
/// use trace_core::{NamePattern, Tracer};
///
/// let probes = regex::Regex::new("^(GET|HEAD) /(health|ready)$")?;
/// let tracer = Tracer::builder()
///     .ignore_transactions([
///         NamePattern::exact("GET /health"), // but not "GET /healthy-recipes/{id}"
///         NamePattern::prefix("GET /assets/"),
///         NamePattern::matching(move |name| probes.is_match(name)),
///         "/internal/".into(),
///     ])
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct NamePattern(Kind);

#[derive(Clone)]
enum Kind {
    Exact(String),
    Prefix(String),
    Substring(String),
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl NamePattern {
    /// Matches this name alone.
    #[must_use]
    pub fn exact(name: impl Into<String>) -> Self {
        Self(Kind::Exact(name.into()))
    }

    /// Matches the names that begin with this text.
    #[must_use]
    pub fn prefix(text: impl Into<String>) -> Self {
        Self(Kind::Prefix(text.into()))
    }

    /// Matches the names that contain this text.
    #[must_use]
    pub fn substring(text: impl Into<String>) -> Self {
        Self(Kind::Substring(text.into()))
    }

    /// Matches the names for which the predicate holds, such as a regular expression. A panic in it is
    /// [caught and counted](crate::Tracer::caught_panics), and the name does not match then.
    #[must_use]
    pub fn matching(predicate: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Kind::Matching(Arc::new(predicate)))
    }

    pub(crate) fn matches(&self, name: &str, panics: &CaughtPanics) -> bool {
        match &self.0 {
            Kind::Exact(text) => name == text,
            Kind::Prefix(text) => name.starts_with(text),
            Kind::Substring(text) => name.contains(text),
            Kind::Matching(predicate) => {
                let matches = Callback::Predicate.call(|| panics.catch(|| predicate(name)));
                matches.flatten().unwrap_or(false)
            }
        }
    }

    /// Returns whether the pattern is an empty text.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.0 {
            Kind::Exact(text) | Kind::Prefix(text) | Kind::Substring(text) => text.is_empty(),
            Kind::Matching(_) => false,
        }
    }
}

impl From<&str> for NamePattern {
    fn from(text: &str) -> Self {
        Self::substring(text)
    }
}

impl From<String> for NamePattern {
    fn from(text: String) -> Self {
        Self::substring(text)
    }
}

impl From<&String> for NamePattern {
    fn from(text: &String) -> Self {
        Self::substring(text)
    }
}

impl fmt::Debug for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exact(text) => f.debug_tuple("Exact").field(text).finish(),
            Kind::Prefix(text) => f.debug_tuple("Prefix").field(text).finish(),
            Kind::Substring(text) => f.debug_tuple("Substring").field(text).finish(),
            Kind::Matching(_) => f.write_str("Matching(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NamePattern;
    use crate::Tracer;
    use crate::record::CaughtPanics;

    #[test]
    fn each_kind_matches_as_its_name_says() {
        let regex = regex::Regex::new("/health(/|$)").unwrap();
        let table = [
            ("exact", NamePattern::exact("GET /health"), [true, false, false, false]),
            ("a prefix", NamePattern::prefix("GET /health"), [true, true, true, false]),
            ("a prefix with its end", NamePattern::prefix("GET /health/"), [false, true, false, false]),
            ("a substring", NamePattern::substring("/health"), [true, true, true, true]),
            ("a &str", "/health".into(), [true, true, true, true]),
            ("a String", String::from("/health").into(), [true, true, true, true]),
            ("a &String", (&String::from("/health")).into(), [true, true, true, true]),
            (
                "a predicate",
                NamePattern::matching(move |name| regex.is_match(name)),
                [true, true, false, true],
            ),
            ("another case", NamePattern::substring("/Health"), [false; 4]),
            ("a predicate that panics", NamePattern::matching(|_| panic!("on purpose")), [false; 4]),
        ];
        let names = ["GET /health", "GET /health/db", "GET /healthy-recipes/{id}", "POST /health"];
        for (kind, pattern, expected) in table {
            let panics = CaughtPanics::default();
            assert_eq!(names.map(|name| pattern.matches(name, &panics)), expected, "{kind}");
            assert_eq!(panics.count(), if kind.ends_with("panics") { 4 } else { 0 }, "{kind}");
        }
    }

    #[test]
    fn an_empty_text_of_any_kind_is_an_error_at_build() {
        let kinds = [NamePattern::exact(""), NamePattern::prefix(""), NamePattern::substring(""), "".into()];
        for pattern in kinds {
            let builder = Tracer::builder().ignore_transactions(["fine".into(), pattern.clone()]);
            let message = builder.build().unwrap_err().to_string();
            let is_named = message.contains("option ignore_transactions is \"\"");
            assert!(is_named && message.contains("no text may be empty"), "{pattern:?}: {message}");
        }
        let anything = NamePattern::matching(|_| true);
        assert!(Tracer::builder().ignore_transactions([anything]).build().is_ok());
    }
}
