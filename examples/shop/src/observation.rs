//! What the library says, in the words of the report.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use trace_core::{
    FinishedSpan, FinishedTransaction, Injection, Outcome, SpanStatus, StreamedSpan, TraceContext,
};

use crate::report::{Decision, Sent, Service, Span, TraceHeaders, Transaction};

impl Service {
    /// A service that was reached.
    pub(crate) fn new(name: &str, context: Option<&TraceContext>, received: TraceHeaders) -> Self {
        let continuation = context.map(|context| context.continuation().to_string());
        Self {
            name: name.to_owned(),
            trace_id: context.map(|context| context.trace_id().to_string()),
            span_id: context.map(|context| context.span_id().to_string()),
            parent_span_id: context.and_then(|context| Some(context.parent_span_id()?.to_string())),
            sampled: context.and_then(TraceContext::sampled),
            continuation: continuation
                .unwrap_or_else(|| "a third party, takes no part in the trace".to_owned()),
            answered_ms: None,
            received,
            sent: Vec::new(),
        }
    }
}

impl Sent {
    /// A request that left. Without a decision, no layer of ours saw it.
    pub(crate) fn request(to: &str, url: &str, decision: Option<Injection>, headers: TraceHeaders) -> Self {
        let (decision, reason) = match decision {
            Some(Injection::Injected { .. }) => (Decision::Injected, "its URL is a target".to_owned()),
            Some(Injection::Withheld(reason)) => (Decision::Withheld, reason.to_string()),
            None => (Decision::Withheld, "nobody decided about it".to_owned()),
        };
        Self { to: to.to_owned(), url: url.to_owned(), decision, reason, headers }
    }

    /// A message that was put into a queue. Nobody decides about those: what its metadata holds was put there.
    pub(crate) fn message(to: &str, url: &str, headers: TraceHeaders) -> Self {
        let (decision, reason) = match headers.sentry_trace {
            Some(_) => (Decision::Injected, "put into the metadata of the message"),
            None => (Decision::Withheld, "its metadata holds no trace"),
        };
        Self { to: to.to_owned(), url: url.to_owned(), decision, reason: reason.to_owned(), headers }
    }
}

impl From<&HeaderMap> for TraceHeaders {
    fn from(headers: &HeaderMap) -> Self {
        let joined = |name| {
            let lines =
                headers.get_all(name).into_iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
            let lines: Vec<_> = lines.collect();
            (!lines.is_empty()).then(|| lines.join(", "))
        };
        Self {
            sentry_trace: joined("sentry-trace"),
            baggage: joined("baggage"),
            traceparent: joined("traceparent"),
        }
    }
}

impl From<&HashMap<String, String>> for TraceHeaders {
    fn from(metadata: &HashMap<String, String>) -> Self {
        let value = |name| metadata.get(name).cloned();
        Self {
            sentry_trace: value("sentry-trace"),
            baggage: value("baggage"),
            traceparent: value("traceparent"),
        }
    }
}

impl Transaction {
    /// A transaction as the sink received it; `since_sent` tells a moment in milliseconds.
    pub(crate) fn new(
        service: &str,
        transaction: &FinishedTransaction,
        since_sent: impl Fn(SystemTime) -> f64,
    ) -> Self {
        let FinishedTransaction { trace_id, name, outcome, root, spans, .. } = transaction;
        let root = Span { name: name.as_str().to_owned(), ..Span::new(root, &since_sent) };
        Self {
            service: service.to_owned(),
            trace_id: trace_id.to_string(),
            outcome: outcome.to_string(),
            root,
            spans: spans.iter().map(|span| Span::new(span, &since_sent)).collect(),
        }
    }
}

impl Transaction {
    /// A service span that was streamed, with the spans below it. Its outcome is what its status says.
    pub(crate) fn streamed(service: &str, streamed: &StreamedSpan, root: Span, spans: Vec<Span>) -> Self {
        let outcome = match streamed.span.status {
            None | Some(SpanStatus::Ok) => Outcome::Complete,
            Some(SpanStatus::Cancelled) => Outcome::Cancelled,
            Some(_) => Outcome::Failed,
        };
        Self {
            service: service.to_owned(),
            trace_id: streamed.trace_id().to_string(),
            outcome: outcome.to_string(),
            root: Span { name: streamed.transaction_name().as_str().to_owned(), ..root },
            spans,
        }
    }
}

impl Span {
    pub(crate) fn new(span: &FinishedSpan, since_sent: impl Fn(SystemTime) -> f64) -> Self {
        Self {
            name: span.description.clone().into_owned(),
            op: span.operation.clone().into_owned(),
            span_id: span.span_id.to_string(),
            parent_span_id: span.parent_span_id.map(|id| id.to_string()),
            status: span.status.map(|status| status.as_str().to_owned()),
            start_ms: since_sent(span.start),
            duration_ms: milliseconds(span.duration),
        }
    }
}

/// Milliseconds, to the microsecond.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}
