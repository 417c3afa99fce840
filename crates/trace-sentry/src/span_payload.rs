//! The payload of a span, as Sentry reads it, with texts cut to their limits.
//!
//! Source: Sentry's Span Interface, Trace Context and Span Links.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use trace_core::{AttributeValue, FinishedSpan, SpanId, SpanLink, TraceId};

use crate::payload::seconds;

/// The maximum length of the key or value of a tag, in characters.
pub(crate) const MAX_TAG: usize = 200;
/// The maximum length of another text, in characters.
pub(crate) const MAX_TEXT: usize = 8192;

/// A span, or the root as a trace context, which has no times.
#[derive(Serialize)]
pub(crate) struct Span<'a> {
    #[serde(serialize_with = "text")]
    trace_id: TraceId,
    #[serde(serialize_with = "text")]
    span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    parent_span_id: Option<SpanId>,
    op: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    origin: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    data: BTreeMap<Cow<'a, str>, Value<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link<'a>>,
}

#[derive(Serialize)]
struct Link<'a> {
    #[serde(serialize_with = "text")]
    trace_id: TraceId,
    #[serde(serialize_with = "text")]
    span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled: Option<bool>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<Cow<'a, str>, Value<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
}

impl<'a> Span<'a> {
    pub(crate) fn child(trace_id: TraceId, span: &'a FinishedSpan) -> Self {
        let FinishedSpan { description, .. } = span;
        Self {
            description: (!description.is_empty()).then(|| cut(description, MAX_TEXT)),
            start_timestamp: Some(seconds(span.start)),
            timestamp: Some(seconds(span.end())),
            tags: tags(span),
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
            tags: BTreeMap::new(),
            data: values(attributes),
            links: links.iter().map(Link::to).collect(),
        }
    }
}

impl<'a> Link<'a> {
    fn to(link: &'a SpanLink) -> Self {
        let SpanLink { trace_id, span_id, sampled, attributes, .. } = link;
        Self { trace_id: *trace_id, span_id: *span_id, sampled: *sampled, attributes: values(attributes) }
    }
}

fn values<'a>(attributes: &'a [(Cow<'static, str>, AttributeValue)]) -> BTreeMap<Cow<'a, str>, Value<'a>> {
    attributes.iter().map(|(key, value)| (cut(key, MAX_TAG), Value::of(value))).collect()
}

impl<'a> Value<'a> {
    fn of(value: &'a AttributeValue) -> Self {
        match value {
            AttributeValue::Bool(value) => Self::Bool(*value),
            AttributeValue::Integer(value) => Self::Integer(*value),
            AttributeValue::Float(value) => Self::Float(*value),
            AttributeValue::Text(value) => Self::Text(cut(value, MAX_TEXT)),
            // A kind of value that this version does not know.
            other => Self::Text(other.to_string().into()),
        }
    }
}

pub(crate) fn tags(span: &FinishedSpan) -> BTreeMap<Cow<'_, str>, Cow<'_, str>> {
    span.tags.iter().map(|(key, value)| (cut(key, MAX_TAG), cut(value, MAX_TAG))).collect()
}

/// Returns the text, cut to at most `most` characters.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        None => Cow::Borrowed(text),
    }
}

fn text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

fn optional_text<S: Serializer>(value: &Option<SpanId>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => text(value, serializer),
        None => serializer.serialize_none(),
    }
}
