//! Links from a span to spans of this or another trace.

use std::borrow::Cow;

use crate::id::{SpanId, TraceId};
use crate::record::AttributeValue;

/// A link to a span that is neither parent nor child: the messages of a batch, the trace before this one.
///
/// Source: Sentry's Span Links document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SpanLink {
    /// The other span's trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// Whether it is sampled, as far as that is known.
    pub sampled: Option<bool>,
    /// What the link means, such as `sentry.link.type` = `previous_trace`.
    pub attributes: Vec<(Cow<'static, str>, AttributeValue)>,
}

impl SpanLink {
    /// Links to a span by its ids, as those of a [`SentryTrace`](crate::wire::SentryTrace).
    #[must_use]
    pub fn new(trace_id: TraceId, span_id: SpanId, sampled: Option<bool>) -> Self {
        Self { trace_id, span_id, sampled, attributes: Vec::new() }
    }

    /// The link with one more attribute.
    #[must_use]
    pub fn with_attribute(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<AttributeValue>,
    ) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }
}
