//! The payload of a span, as Sentry reads it, with texts cut to their limits.
//!
//! Source: Sentry's Span Interface, Trace Context and Span Links.

use std::borrow::Cow;

use sentry_core::types::Uuid;
use serde::{Serialize, Serializer};
use trace_core::{AttributeValue, FinishedSpan, SpanId, SpanLink, TraceId};

use crate::cut::{MAX_TAG, MAX_TEXT, cut};
use crate::members::{Limited, Map, members};
use crate::payload::seconds;

/// The attribute by which Sentry tells a transaction from streamed spans.
const LIFECYCLE: (&str, AttributeValue) = ("sentry.trace_lifecycle", AttributeValue::from_static("static"));

/// The spans below the root.
pub(crate) struct Spans<'a> {
    pub(crate) trace_id: TraceId,
    pub(crate) spans: &'a [FinishedSpan],
}

impl Serialize for Spans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.spans.iter().map(|span| Span::child(self.trace_id, span)))
    }
}

/// A span, or the root as a trace context, which has no times.
#[derive(Serialize)]
pub(crate) struct Span<'a> {
    #[serde(serialize_with = "id")]
    trace_id: TraceId,
    #[serde(serialize_with = "id")]
    span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "id")]
    parent_span_id: Option<SpanId>,
    op: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    origin: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<f64>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    tags: Map<'a, String>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    data: Data<'a>,
    #[serde(skip_serializing_if = "Links::is_empty")]
    links: Links<'a>,
}

impl<'a> Span<'a> {
    fn child(trace_id: TraceId, span: &'a FinishedSpan) -> Self {
        let FinishedSpan { description, .. } = span;
        Self {
            description: (!description.is_empty()).then(|| cut(description, MAX_TEXT)),
            start_timestamp: Some(seconds(span.start)),
            timestamp: Some(seconds(span.end())),
            tags: Map(&span.tags),
            data: Data { lifecycle: None, attributes: &span.attributes },
            ..Self::root(trace_id, span)
        }
    }

    /// Creates the trace context. The name, tags and times of a root are those of the transaction. With a description
    /// here, Spotlight would show that of the last received root for all transactions of the trace.
    pub(crate) fn root(trace_id: TraceId, span: &'a FinishedSpan) -> Self {
        let FinishedSpan { span_id, parent_span_id, operation, origin, status, attributes, links, .. } = span;
        Self {
            trace_id,
            span_id: *span_id,
            parent_span_id: *parent_span_id,
            op: cut(operation, MAX_TAG),
            description: None,
            origin: cut(origin, MAX_TAG),
            status: status.map(|status| status.as_str()),
            start_timestamp: None,
            timestamp: None,
            tags: Map(&[]),
            data: Data { lifecycle: Some(LIFECYCLE), attributes },
            links: Links(links),
        }
    }
}

/// The attributes of a span, and those that the root has besides.
struct Data<'a> {
    lifecycle: Option<(&'static str, AttributeValue)>,
    attributes: &'a [(Cow<'static, str>, AttributeValue)],
}

impl Data<'_> {
    fn is_empty(&self) -> bool {
        self.lifecycle.is_none() && self.attributes.is_empty()
    }
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_added = |key: &str| self.lifecycle.as_ref().is_some_and(|(added, _)| *added == key);
        let own = members(self.attributes).filter(|(key, _)| !is_added(key));
        let added = self.lifecycle.iter().map(|(key, value)| (*key, Limited(value)));
        serializer.collect_map(own.chain(added))
    }
}

struct Links<'a>(&'a [SpanLink]);

impl Links<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Links<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_links(self.0, serializer, Map)
    }
}

/// Writes links. `form` puts their attributes into the form of the payload.
pub(crate) fn write_links<'a, S: Serializer, A: Serialize>(
    links: &'a [SpanLink],
    serializer: S,
    form: impl Fn(&'a [(Cow<'static, str>, AttributeValue)]) -> A,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(links.iter().map(|link| Link {
        trace_id: link.trace_id,
        span_id: link.span_id,
        sampled: link.sampled,
        attributes: (!link.attributes.is_empty()).then(|| form(&link.attributes)),
    }))
}

#[derive(Serialize)]
struct Link<A> {
    #[serde(serialize_with = "id")]
    trace_id: TraceId,
    #[serde(serialize_with = "id")]
    span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<A>,
}

/// An id, which is written as the bytes it has, in hex.
pub(crate) trait Id {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl Id for TraceId {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.to_bytes())
    }
}

impl Id for SpanId {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.to_bytes())
    }
}

impl Id for Option<SpanId> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(id) => id.write(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl Id for Uuid {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_bytes())
    }
}

/// Writes an id.
pub(crate) fn id<S: Serializer>(id: &impl Id, serializer: S) -> Result<S::Ok, S::Error> {
    id.write(serializer)
}
