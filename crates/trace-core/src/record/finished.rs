//! Recorded transactions and spans that have ended.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use crate::dsc::{DynamicSamplingContext, Source};
use crate::id::{SpanId, TraceId};
use crate::policy::SampleRate;
use crate::record::{AttributeValue, SpanLink, SpanStatus, TransactionName};

/// A recorded transaction: one service's part of a trace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedTransaction {
    /// The trace.
    pub trace_id: TraceId,
    /// `true` if the transaction was sampled. Only a sink that
    /// [takes unsampled ones](crate::TransactionSink::takes_unsampled) receives others.
    pub sampled: bool,
    /// The name of the transaction and its source.
    pub name: TransactionName,
    /// The way in which it ended.
    pub outcome: Outcome,
    /// The transaction's own span. Its parent is a span of the caller.
    pub root: FinishedSpan,
    /// The spans below the root that ended in time, in the order in which they started. Only the first 1000 are kept.
    pub spans: Vec<FinishedSpan>,
    /// The number of spans that were dropped because 1000 had already started.
    pub dropped_spans: usize,
    /// The measurements; each name occurs once.
    pub measurements: Vec<Measurement>,
    /// The source of the dynamic sampling context.
    pub(crate) source: Source,
}

impl FinishedTransaction {
    /// Returns the dynamic sampling context as it is sent on: the values of the `trace` header of the envelope that are
    /// known to all services of the trace. If the caller sent no context, it holds only a `sample_rand`.
    /// The context is frozen. The caller's values are parsed only in this call, which need not run on the thread of the
    /// request.
    #[must_use]
    pub fn dynamic_sampling_context(&self) -> Cow<'_, DynamicSamplingContext> {
        self.source.dynamic_sampling_context(self.trace_id)
    }

    /// Returns the rate of this service, if that rate made the decision. It is also known if no context is sent on.
    #[must_use]
    pub fn own_sample_rate(&self) -> Option<SampleRate> {
        self.source.own_rate(self.trace_id)
    }
}

/// One recorded span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedSpan {
    /// The id of the span.
    pub span_id: SpanId,
    /// The id of the parent span; `None` for the first span of a trace.
    pub parent_span_id: Option<SpanId>,
    /// The kind of work, such as `http.client`.
    pub operation: Cow<'static, str>,
    /// The work in detail; may be empty. It is empty for a root, because the transaction has a name.
    pub description: Cow<'static, str>,
    /// The origin of the span, such as `auto.http.tower` or `manual`.
    pub origin: Cow<'static, str>,
    /// The status of the work; `None` if none was set.
    pub status: Option<SpanStatus>,
    /// The time at which it began.
    pub start: SystemTime,
    /// The duration, measured by a monotonic clock.
    pub duration: Duration,
    /// The tags, which Sentry can search.
    pub tags: Vec<(Cow<'static, str>, String)>,
    /// The attributes that the application and the layers set.
    pub attributes: Vec<(Cow<'static, str>, AttributeValue)>,
    /// The links to other spans.
    pub links: Vec<SpanLink>,
    /// The instant at which it began; `None` after it has ended.
    pub(crate) began: Option<Instant>,
}

impl FinishedSpan {
    /// Returns a span that has just begun.
    #[inline]
    pub(crate) fn running(
        start: SystemTime,
        began: Instant,
        span_id: SpanId,
        parent_span_id: Option<SpanId>,
        operation: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> Self {
        Self {
            span_id,
            parent_span_id,
            operation,
            description,
            origin: "manual".into(),
            status: None,
            start,
            duration: Duration::ZERO,
            tags: Vec::new(),
            attributes: Vec::new(),
            links: Vec::new(),
            began: Some(began),
        }
    }

    /// Ends the span. `status` is used if no status was set.
    pub(crate) fn finish(&mut self, lasted: Duration, status: Option<SpanStatus>) {
        self.began = None;
        self.duration = lasted;
        self.status = self.status.or(status);
    }

    /// Returns the time at which it ended, which is never before it began.
    #[must_use]
    pub fn end(&self) -> SystemTime {
        self.start + self.duration
    }

    /// Returns the value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find_map(|(found, value)| (found == key).then_some(value))
    }
}

/// A number that describes a whole transaction.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Measurement {
    /// The name of the measured quantity, such as `memory_used`.
    pub name: Cow<'static, str>,
    /// The measured number, which is finite.
    pub value: f64,
    /// One of Sentry's units, such as `millisecond` or `byte`; `none` for a plain number.
    pub unit: Cow<'static, str>,
}

/// The way in which a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The work is done. For a request, the last byte of the response has been sent.
    Complete,
    /// The service or its body failed.
    Failed,
    /// The work was cancelled before its end, for example because the client disconnected.
    Cancelled,
    /// The code panicked.
    Panicked,
    /// It was still running after [`max_duration`](crate::TracerBuilder::max_duration).
    TimedOut,
}

/// Lower case: `complete`, `failed`, `cancelled`, `panicked`, `timed out`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed out",
        })
    }
}

/// Sets the value of a key in a short list.
pub(crate) fn replace<V>(list: &mut Vec<(Cow<'static, str>, V)>, key: Cow<'static, str>, value: V) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value,
        None => list.push((key, value)),
    }
}
