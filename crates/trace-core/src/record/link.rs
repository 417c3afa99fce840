//! Links from a span to spans of this or another trace.

use std::borrow::Cow;

use crate::id::{SpanId, TraceId};
use crate::record::AttributeValue;
use crate::wire::SentryTrace;

/// A link to a span that is neither parent nor child, such as that of a message of a batch or of the previous trace.
///
/// Source: Sentry's Span Links document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SpanLink {
    /// The trace id of the other span.
    pub trace_id: TraceId,
    /// The id of the other span.
    pub span_id: SpanId,
    /// The sampling decision of the other span, if it is known.
    pub sampled: Option<bool>,
    /// The attributes that describe the link, such as `sentry.link.type` = `previous_trace`.
    pub attributes: Vec<(Cow<'static, str>, AttributeValue)>,
}

/// A link to the span that a header names.
impl From<SentryTrace> for SpanLink {
    fn from(header: SentryTrace) -> Self {
        Self::new(header.trace_id, header.span_id, header.sampled)
    }
}

impl SpanLink {
    /// Returns a link to a span by its ids, such as those of a [`SentryTrace`](crate::wire::SentryTrace).
    #[must_use]
    pub fn new(trace_id: TraceId, span_id: SpanId, sampled: Option<bool>) -> Self {
        Self { trace_id, span_id, sampled, attributes: Vec::new() }
    }

    /// Adds an attribute to the link.
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
