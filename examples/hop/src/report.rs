//! What a service tells of one request: what arrived, and the trace it became.

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};
use trace_core::{SpanStatus, TraceContext};

#[derive(Serialize)]
pub(crate) struct Report {
    service: &'static str,
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    sampled: Option<bool>,
    continuation: String,
    /// What the request's transaction is called so far; `None` if it is not recorded.
    name: Option<String>,
    name_source: Option<&'static str>,
    /// How its span ends, as far as that is known.
    status: Option<&'static str>,
    received: Received,
    dsc: Map<String, Value>,
}

/// The trace headers as they arrived; `None` if absent.
#[derive(Serialize)]
struct Received {
    #[serde(rename = "sentry-trace")]
    sentry_trace: Option<String>,
    baggage: Option<String>,
    traceparent: Option<String>,
    tracestate: Option<String>,
}

impl Report {
    pub(crate) fn new(trace: &TraceContext, headers: &HeaderMap) -> Self {
        let name = trace.transaction_name();
        Self {
            service: "hop",
            trace_id: trace.trace_id().to_string(),
            span_id: trace.span_id().to_string(),
            parent_span_id: trace.parent_span_id().map(|id| id.to_string()),
            sampled: trace.sampled(),
            continuation: trace.continuation().to_string(),
            name: name.as_ref().map(|name| name.as_str().to_owned()),
            name_source: name.as_ref().map(|name| name.source().as_str()),
            status: trace.status().map(SpanStatus::as_str),
            received: Received {
                sentry_trace: lines(headers, "sentry-trace"),
                baggage: lines(headers, "baggage"),
                traceparent: lines(headers, "traceparent"),
                tracestate: lines(headers, "tracestate"),
            },
            dsc: adopted(trace),
        }
    }
}

/// All lines of a header as one text, for people to read: what is no UTF-8 becomes U+FFFD.
fn lines(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// The sentry members of the caller that were adopted, without what this service adds or replaces.
fn adopted(trace: &TraceContext) -> Map<String, Value> {
    let received = trace.received_sampling_context().into_iter();
    received
        .flat_map(|context| context.iter())
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into_owned().into())))
        .collect()
}
