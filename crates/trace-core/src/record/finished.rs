//! What a recorded transaction is when it has ended.

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
    /// Whether it counts as one of the recorded share. Only a sink that
    /// [takes unsampled ones](crate::TransactionSink::takes_unsampled), too, sees others.
    pub sampled: bool,
    /// What the transaction is called, and how good that name is.
    pub name: TransactionName,
    /// How it ended.
    pub outcome: Outcome,
    /// The transaction's own span. Its parent is a span of the caller.
    pub root: FinishedSpan,
    /// The spans below it that ended before it did, in the order in which they started: of the first 1000.
    pub spans: Vec<FinishedSpan>,
    /// How many more than 1000 were started.
    pub dropped_spans: usize,
    /// What was measured, each name once.
    pub measurements: Vec<Measurement>,
    /// What the dynamic sampling context is made from.
    pub(crate) source: Source,
}

impl FinishedTransaction {
    /// The dynamic sampling context as it is sent on: the values of the `trace` header of the envelope that are known to
    /// all services of the trace. Of a caller who sent none it has a `sample_rand` alone.
    /// It is frozen, but what a caller sent is read only now, which need not be on the thread of the request.
    #[must_use]
    pub fn dynamic_sampling_context(&self) -> Cow<'_, DynamicSamplingContext> {
        self.source.dynamic_sampling_context(self.trace_id)
    }

    /// Returns the rate of this service, if that made the decision, also where no context is sent on that could hold it.
    #[must_use]
    pub fn own_sample_rate(&self) -> Option<SampleRate> {
        self.source.own_rate(self.trace_id)
    }
}

/// One recorded span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedSpan {
    /// Its id.
    pub span_id: SpanId,
    /// The span it ran within; `None` for the first span of a trace.
    pub parent_span_id: Option<SpanId>,
    /// What kind of work it was, such as `http.client`.
    pub operation: Cow<'static, str>,
    /// The work in detail; empty if nothing is to be said. That of a root is empty: the transaction has a name.
    pub description: Cow<'static, str>,
    /// Who made the span, such as `auto.http.tower` or `manual`.
    pub origin: Cow<'static, str>,
    /// How it ended; `None` if nobody said so.
    pub status: Option<SpanStatus>,
    /// When it began.
    pub start: SystemTime,
    /// How long it took, by a clock that never runs backwards.
    pub duration: Duration,
    /// Searchable texts.
    pub tags: Vec<(Cow<'static, str>, String)>,
    /// Attributes, as the application and the layers set them.
    pub attributes: Vec<(Cow<'static, str>, AttributeValue)>,
    /// Links to other spans.
    pub links: Vec<SpanLink>,
    /// The moment at which it began, while it runs.
    pub(crate) began: Option<Instant>,
}

impl FinishedSpan {
    /// A span that has just begun.
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

    /// Ends it. `status` is what it gets if nobody set one.
    pub(crate) fn finish(&mut self, lasted: Duration, status: Option<SpanStatus>) {
        self.began = None;
        self.duration = lasted;
        self.status = self.status.or(status);
    }

    /// When it ended, never before it began.
    #[must_use]
    pub fn end(&self) -> SystemTime {
        self.start + self.duration
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find_map(|(found, value)| (found == key).then_some(value))
    }
}

/// A number that says something about a whole transaction.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Measurement {
    /// What was measured, such as `memory_used`.
    pub name: Cow<'static, str>,
    /// The number; it is finite.
    pub value: f64,
    /// One of Sentry's units, such as `millisecond` or `byte`; `none` for a mere number.
    pub unit: Cow<'static, str>,
}

/// How a transaction came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The work is done: for a request, the last byte of the response is out.
    Complete,
    /// The service or its body failed.
    Failed,
    /// It was given up before its end, as when the client disconnects.
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

/// Sets the value of a key in a list of few.
pub(crate) fn replace<V>(list: &mut Vec<(Cow<'static, str>, V)>, key: Cow<'static, str>, value: V) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value,
        None => list.push((key, value)),
    }
}
