//! Recorded transactions and spans that have ended.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::dsc::{DynamicSamplingContext, Source};
use crate::id::{SpanId, TraceId};
use crate::policy::SampleRate;
use crate::record::{
    AttributeValue, GatheredAttributes, SinkData, SpanLink, SpanStatus, TransactionName, limits,
};

/// A recorded transaction: one service's part of a trace, as it is sent in the
/// [static](crate::TraceLifecycle::Static) lifecycle.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FinishedTransaction {
    /// The trace.
    pub trace_id: TraceId,
    /// `true` if the transaction was sampled. Only a sink that [requires](crate::Requirements::record_unsampled)
    /// unsampled ones receives others.
    pub sampled: bool,
    /// The name of the transaction and its source.
    pub name: TransactionName,
    /// The way in which it ended.
    pub outcome: Outcome,
    /// The service span. Its parent is a span of the caller.
    pub root: FinishedSpan,
    /// The spans below the root that ended in time, in the order in which they ended. Only the first 1000 are kept.
    pub spans: Vec<FinishedSpan>,
    /// The number of spans that were dropped because 1000 had already ended.
    pub dropped_spans: usize,
    /// The measurements; each name occurs once.
    pub measurements: Vec<Measurement>,
    /// The value that was [set](crate::TraceContext::set_sink_data) for the sink.
    pub sink_data: Option<SinkData>,
    /// The source of the dynamic sampling context.
    pub(crate) source: Source,
}

impl FinishedTransaction {
    /// Returns a sampled transaction without spans and measurements, whose fields can then be set. The tracer makes all
    /// transactions that it records; this is for tests of a [`SpanSink`](crate::SpanSink). Its dynamic sampling context
    /// is that of a new trace without options.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use trace_core::{FinishedSpan, FinishedTransaction, InMemorySink, Record, SpanId, SpanSink, TraceId, TransactionName};
    ///
    /// let root = FinishedSpan::started(SpanId::random(), None, "task", SystemTime::now());
    /// let transaction = FinishedTransaction::new(TraceId::random(), TransactionName::task("report"), root);
    /// let sink = InMemorySink::default();
    /// sink.receive(Record::Transaction(Box::new(transaction)));
    /// assert_eq!(sink.take()[0].root.operation, "task");
    /// ```
    #[must_use]
    pub fn new(trace_id: TraceId, name: TransactionName, root: FinishedSpan) -> Self {
        Self {
            trace_id,
            sampled: true,
            name,
            outcome: Outcome::Complete,
            root,
            spans: Vec::new(),
            dropped_spans: 0,
            measurements: Vec::new(),
            sink_data: None,
            source: Source::without_options(trace_id),
        }
    }

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
        self.source.own_rate()
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
    /// The number of tags, attributes and links that were dropped, because the span had 128 of their kind.
    pub dropped_values: usize,
}

impl FinishedSpan {
    /// Returns a span without attributes and duration, whose fields can then be set. The tracer makes all spans that it
    /// records; this is for tests of a [`SpanSink`](crate::SpanSink).
    #[must_use]
    #[inline]
    pub fn started(
        span_id: SpanId,
        parent_span_id: Option<SpanId>,
        operation: impl Into<Cow<'static, str>>,
        start: SystemTime,
    ) -> Self {
        Self {
            span_id,
            parent_span_id,
            operation: operation.into(),
            description: "".into(),
            origin: "manual".into(),
            status: None,
            start,
            duration: Duration::ZERO,
            tags: Vec::new(),
            attributes: Vec::new(),
            links: Vec::new(),
            dropped_values: 0,
        }
    }

    /// Sets a tag, unless there are too many.
    pub(crate) fn set_tag(&mut self, key: Cow<'static, str>, value: String) {
        self.dropped_values += limits::set(&mut self.tags, key, value);
    }

    /// Sets an attribute, unless there are too many.
    pub(crate) fn set_attribute(&mut self, key: Cow<'static, str>, value: AttributeValue) {
        self.dropped_values += limits::set(&mut self.attributes, key, value);
    }

    /// Removes an attribute, if there is one of this key.
    pub(crate) fn remove_attribute(&mut self, key: &str) {
        self.attributes.retain(|(found, _)| found != key);
    }

    /// Adds to an attribute that counts.
    pub(crate) fn add_to_attribute(&mut self, key: &'static str, number: i64) {
        let before = match self.attribute(key) {
            Some(AttributeValue::Integer(before)) => *before,
            _ => 0,
        };
        self.set_attribute(key.into(), AttributeValue::Integer(before.saturating_add(number)));
    }

    /// Sets several attributes, unless there are too many.
    pub(crate) fn add_attributes(&mut self, GatheredAttributes { list, dropped }: GatheredAttributes) {
        self.dropped_values += dropped;
        if self.attributes.is_empty() {
            self.attributes = list;
        } else {
            list.into_iter().for_each(|(key, value)| self.set_attribute(key, value));
        }
    }

    /// Adds a link, unless there are too many.
    pub(crate) fn add_link(&mut self, link: SpanLink) {
        self.dropped_values += limits::push(&mut self.links, link);
    }

    /// Ends the span. `status` is used if no status was set.
    pub(crate) fn finish(&mut self, lasted: Duration, status: Option<SpanStatus>) {
        self.duration = lasted;
        self.status = self.status.or(status);
    }

    /// Returns the time at which it ended, which is never before it began. It is the start if no clock can show the end.
    #[must_use]
    pub fn end(&self) -> SystemTime {
        self.start.checked_add(self.duration).unwrap_or(self.start)
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

impl Measurement {
    /// Returns a measurement. `unit` is one of Sentry's, such as `millisecond` or `byte`, and `none` for a plain number.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, value: f64, unit: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), value, unit: unit.into() }
    }
}

/// The way in which a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

impl Outcome {
    /// Returns the status of work with this outcome for which no other status is known.
    #[must_use]
    pub fn status(self) -> Option<SpanStatus> {
        match self {
            Self::Complete => None,
            Self::Failed | Self::Panicked => Some(SpanStatus::InternalError),
            Self::Cancelled => Some(SpanStatus::Cancelled),
            Self::TimedOut => Some(SpanStatus::DeadlineExceeded),
        }
    }
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
