//! What one run found: the document that `--json` prints, and what the terminal and the page draw.

use serde::Serialize;

/// All requests of one run.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Report {
    /// Whether every expectation of every request held.
    pub(crate) held: bool,
    pub(crate) requests: Vec<Request>,
}

/// One request, from the caller's headers to the last finished transaction.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Request {
    /// The number of the request, from 1.
    pub(crate) number: u64,
    pub(crate) scenario: String,
    pub(crate) description: String,
    pub(crate) held: bool,
    /// The headers the caller sent.
    pub(crate) headers: TraceHeaders,
    /// The services in the order in which the request reached them.
    pub(crate) services: Vec<Service>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) expectations: Vec<Expectation>,
}

/// What one service saw of the request and what it sent on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Service {
    pub(crate) name: String,
    /// The four fields of the context are `null` for a third party without our layers.
    pub(crate) trace_id: Option<String>,
    pub(crate) span_id: Option<String>,
    pub(crate) parent_span_id: Option<String>,
    /// The decision that is sent on: yes, no, or not made yet.
    pub(crate) sampled: Option<bool>,
    /// Whether the trace was continued or is new, and why.
    pub(crate) continuation: String,
    /// When the head of the response was ready, in milliseconds since the caller sent the request; `null` for a queue.
    pub(crate) answered_ms: Option<f64>,
    pub(crate) received: TraceHeaders,
    pub(crate) sent: Vec<Sent>,
}

impl Service {
    /// The decision in words.
    pub(crate) fn sampled_text(&self) -> &'static str {
        match self.sampled {
            Some(true) => "sampled",
            Some(false) => "not sampled",
            None => "deferred",
        }
    }
}

/// One outgoing call or message.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Sent {
    /// The service it went to.
    pub(crate) to: String,
    pub(crate) url: String,
    pub(crate) decision: Decision,
    pub(crate) reason: String,
    /// The headers as they left, whoever wrote them.
    pub(crate) headers: TraceHeaders,
}

/// What happened to the trace headers of an outgoing call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Injected,
    Withheld,
}

impl Decision {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Injected => "injected",
            Self::Withheld => "withheld",
        }
    }
}

/// The three headers that can carry a trace; several lines are joined with `, `.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct TraceHeaders {
    #[serde(rename = "sentry-trace")]
    pub(crate) sentry_trace: Option<String>,
    pub(crate) baggage: Option<String>,
    pub(crate) traceparent: Option<String>,
}

impl TraceHeaders {
    /// The headers that are there, with their names.
    pub(crate) fn present(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { sentry_trace, baggage, traceparent } = self;
        [("sentry-trace", sentry_trace), ("baggage", baggage), ("traceparent", traceparent)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// A finished transaction, as the service's sink received it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Transaction {
    pub(crate) service: String,
    pub(crate) trace_id: String,
    /// How it ended: `complete`, `error`, `cancelled` …
    pub(crate) outcome: String,
    #[serde(flatten)]
    pub(crate) root: Span,
    pub(crate) spans: Vec<Span>,
}

/// One timed operation.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) op: String,
    pub(crate) span_id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) status: Option<String>,
    /// Milliseconds since the caller sent the request.
    pub(crate) start_ms: f64,
    pub(crate) duration_ms: f64,
}

/// Something that has to be true of the request.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(crate) struct Expectation {
    pub(crate) text: String,
    pub(crate) held: bool,
}

impl Report {
    /// The first request of each scenario, and every one that did not do what was expected.
    pub(crate) fn worth_showing(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().enumerate().filter_map(|(index, request)| {
            let earlier = self.requests.iter().take(index);
            let first = !earlier.into_iter().any(|other| other.scenario == request.scenario);
            (first || !request.held).then_some(request)
        })
    }
}
