//! A transaction as Sentry reads it.
//!
//! Source: Sentry's Transaction Payloads, Span Interface and Trace Context. Written from the record alone, without the
//! official crate's types, which have no `transaction_info` and no `origin` for spans.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use trace_core::{AttributeValue, FinishedSpan, FinishedTransaction, SpanId, TraceId};

use crate::options::Identity;

/// The longest key or value of a tag, in characters.
const MAX_TAG: usize = 200;
/// The longest other text, in characters.
const MAX_TEXT: usize = 8192;

#[derive(Serialize)]
pub(crate) struct Payload<'a> {
    r#type: &'static str,
    event_id: &'a str,
    platform: &'static str,
    transaction: Cow<'a, str>,
    transaction_info: TransactionInfo,
    start_timestamp: f64,
    timestamp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
    environment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    contexts: Contexts<'a>,
    sdk: &'a Sdk,
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct TransactionInfo {
    source: &'static str,
}

#[derive(Serialize)]
struct Contexts<'a> {
    trace: Span<'a>,
}

/// A span, or the root as trace context, which has no times of its own.
#[derive(Serialize)]
struct Span<'a> {
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
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value<'a> {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
}

/// The SDK, as the envelope and the payload name it: known to Relay by the name of the official one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sdk {
    name: &'static str,
    version: &'static str,
    packages: [Package; 1],
}

#[derive(Debug, Clone, Serialize)]
struct Package {
    name: &'static str,
    version: &'static str,
}

impl Sdk {
    pub(crate) const OURS: Self = Self {
        name: "sentry.rust",
        version: env!("CARGO_PKG_VERSION"),
        packages: [Package { name: "cargo:trace-sentry", version: env!("CARGO_PKG_VERSION") }],
    };
}

impl<'a> Payload<'a> {
    pub(crate) fn new(
        transaction: &'a FinishedTransaction,
        event_id: &'a str,
        identity: &'a Identity,
        sdk: &'a Sdk,
    ) -> Self {
        let FinishedTransaction { trace_id, name, root, spans, .. } = transaction;
        let Identity { release, environment, server_name } = identity;
        Self {
            r#type: "transaction",
            event_id,
            platform: "native",
            transaction: match name.as_str() {
                "" => "<unlabeled transaction>".into(),
                name => cut(name, MAX_TEXT),
            },
            transaction_info: TransactionInfo { source: name.source().as_str() },
            start_timestamp: seconds(root.start),
            timestamp: seconds(root.end()),
            release: release.as_deref(),
            environment,
            server_name: server_name.as_deref(),
            tags: tags(root),
            contexts: Contexts { trace: Span::root(*trace_id, root) },
            sdk,
            spans: spans.iter().map(|span| Span::child(*trace_id, span)).collect(),
        }
    }
}

impl<'a> Span<'a> {
    fn child(trace_id: TraceId, span: &'a FinishedSpan) -> Self {
        let times = (Some(seconds(span.start)), Some(seconds(span.end())));
        Self { tags: tags(span), start_timestamp: times.0, timestamp: times.1, ..Self::root(trace_id, span) }
    }

    /// The trace context: tags and times of a root are those of the transaction.
    fn root(trace_id: TraceId, span: &'a FinishedSpan) -> Self {
        let FinishedSpan { span_id, parent_span_id, operation, description, origin, status, data, .. } = span;
        Self {
            trace_id,
            span_id: *span_id,
            parent_span_id: *parent_span_id,
            op: cut(operation, MAX_TAG),
            description: (!description.is_empty()).then(|| cut(description, MAX_TEXT)),
            origin: cut(origin, MAX_TAG),
            status: status.map(|status| status.as_str()),
            start_timestamp: None,
            timestamp: None,
            tags: BTreeMap::new(),
            data: data.iter().map(|(key, value)| (cut(key, MAX_TAG), Value::of(value))).collect(),
        }
    }
}

impl<'a> Value<'a> {
    fn of(value: &'a AttributeValue) -> Self {
        match value {
            AttributeValue::Bool(value) => Self::Bool(*value),
            AttributeValue::Integer(value) => Self::Integer(*value),
            AttributeValue::Float(value) => Self::Float(*value),
            AttributeValue::Text(value) => Self::Text(cut(value, MAX_TEXT)),
        }
    }
}

fn tags(span: &FinishedSpan) -> BTreeMap<Cow<'_, str>, Cow<'_, str>> {
    span.tags.iter().map(|(key, value)| (cut(key, MAX_TAG), cut(value, MAX_TAG))).collect()
}

/// The text, cut off after so many characters.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        None => Cow::Borrowed(text),
    }
}

/// Seconds since the epoch; in the neighbourhood of today a `f64` tells a quarter of a microsecond.
pub(crate) fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
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
