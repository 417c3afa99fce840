//! Patterns by which an option selects spans.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::record::{AttributeValue, CaughtPanics, NamePattern};

/// A set of spans, for [`ignore_spans`](crate::TracerBuilder::ignore_spans): by name, by attributes, or both. What a span
/// has when it starts is compared. A text or a [`NamePattern`] converts to a pattern for names.
///
/// ```
/// use trace_core::{NamePattern, SpanPattern, Tracer};
///
/// let tracer = Tracer::builder()
///     .ignore_spans([
///         SpanPattern::named("SELECT 1"),
///         SpanPattern::named(NamePattern::prefix("GET /assets/")),
///         SpanPattern::having("db.system.name", "redis").and("db.operation.name", "PING"),
///     ])
///     .build()?;
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct SpanPattern {
    name: Option<NamePattern>,
    attributes: Vec<(Cow<'static, str>, AttributeValue)>,
}

impl SpanPattern {
    /// Matches the spans whose name matches.
    #[must_use]
    pub fn named(name: impl Into<NamePattern>) -> Self {
        Self { name: Some(name.into()), attributes: Vec::new() }
    }

    /// Matches the spans that start with this attribute.
    #[must_use]
    pub fn having(key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        Self { name: None, attributes: Vec::new() }.and(key, value)
    }

    /// Requires another attribute.
    #[must_use]
    pub fn and(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    fn matches(
        &self,
        name: &str,
        attributes: &[(Cow<'static, str>, AttributeValue)],
        panics: &CaughtPanics,
    ) -> bool {
        self.attributes.iter().all(|required| attributes.contains(required))
            && self.name.as_ref().is_none_or(|pattern| pattern.matches(name, panics))
    }

    /// Returns whether the pattern is an empty text, which every name contains.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.as_ref().is_some_and(NamePattern::is_empty)
    }
}

impl<T: Into<NamePattern>> From<T> for SpanPattern {
    fn from(name: T) -> Self {
        Self::named(name)
    }
}

impl fmt::Debug for SpanPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanPattern").field("name", &self.name).field("attributes", &self.attributes).finish()
    }
}

/// The spans that are ignored below a service span.
#[derive(Clone, Default)]
pub(crate) enum IgnoredSpans {
    #[default]
    None,
    Matching(Arc<[SpanPattern]>, CaughtPanics),
    /// The service span itself is ignored.
    All,
}

impl IgnoredSpans {
    /// Returns whether any span could be ignored.
    pub(crate) fn are_possible(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Returns whether a span with these values is ignored.
    pub(crate) fn contain(&self, name: &str, attributes: &[(Cow<'static, str>, AttributeValue)]) -> bool {
        match self {
            Self::None => false,
            Self::Matching(patterns, panics) => {
                patterns.iter().any(|pattern| pattern.matches(name, attributes, panics))
            }
            Self::All => true,
        }
    }
}
