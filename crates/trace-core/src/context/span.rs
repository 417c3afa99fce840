//! Spans: recorded pieces of work, each of which ends once.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use crate::context::{SpanBuilder, TraceContext};
use crate::id::{SpanId, TraceId};
use crate::record::{
    AttributeValue, FinishedSpan, GatheredAttributes, Measurement, Outcome, SpanLink, SpanStatus,
};

/// A piece of work, which ends once: with [`end`](Self::end) or when it is dropped.
///
/// Work within the span uses its [`context`](Self::context), which has all setters. If the trace is not recorded, the
/// span is only an id that is sent on, and all setters do nothing.
///
/// ```
/// use trace_core::{InMemorySink, SpanStatus, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let job = tracer.service_span("task", "report").start();
/// {
///     let query = job.start_span("db.query", "SELECT * FROM orders");
///     query.set_attribute("db.system.name", "postgresql");
///     query.set_status(SpanStatus::Ok);
/// }
/// job.end();
/// assert_eq!(sink.take()[0].spans[0].description, "SELECT * FROM orders");
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    context: TraceContext,
    /// `true` until the span has ended or something else ends it.
    ends: bool,
}

impl Span {
    pub(crate) fn new(context: TraceContext) -> Self {
        Self { context, ends: true }
    }

    /// Returns the context of the span. Work in this context belongs to the span.
    #[must_use]
    pub fn context(&self) -> &TraceContext {
        &self.context
    }

    /// Returns the context, whose span is now somebody else's to end.
    pub(super) fn into_context(mut self) -> TraceContext {
        self.ends = false;
        self.context.clone()
    }

    /// Returns the id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.context.trace_id()
    }

    /// Returns the id of the span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.context.span_id()
    }

    /// Returns whether the span is recorded.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.context.is_recording()
    }

    /// Runs `work` with the context of the span as the current one.
    pub fn scope<R>(&self, work: impl FnOnce() -> R) -> R {
        self.context.scope(work)
    }

    /// Starts a span below this one.
    pub fn start_span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.context.start_span(operation, description)
    }

    /// Sets an attribute, as [`TraceContext::set_attribute`] does.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) {
        self.context.set_attribute(key, value);
    }

    /// Sets the status of the work.
    pub fn set_status(&self, status: SpanStatus) {
        self.context.set_status(status);
    }

    /// Ends the span now.
    pub fn end(self) {}

    /// Ends the span at a given time. A time in the future becomes now, and one before the start becomes the start.
    pub fn end_at(mut self, time: SystemTime) {
        self.ends = false;
        self.context.end_span(Outcome::Complete, None, Some(time));
    }
}

/// A clone of the span's context.
impl From<&Span> for TraceContext {
    fn from(span: &Span) -> Self {
        span.context.clone()
    }
}

impl From<&Self> for TraceContext {
    fn from(context: &Self) -> Self {
        context.clone()
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.ends {
            let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Complete };
            self.context.end_span(outcome, outcome.status(), None);
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Span").field(&self.context).finish()
    }
}

/// The span that a context belongs to. These methods have no effect if nothing is recorded.
impl TraceContext {
    /// Starts a span below this one.
    ///
    /// `operation` has few different values, such as `db.query`. `description` says more and should still vary little.
    /// [`span`](Self::span) also takes attributes and times.
    pub fn start_span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Span {
        self.span(operation, description).start()
    }

    /// Describes a span below this one, which is then [started](SpanBuilder::start) or
    /// [recorded](SpanBuilder::record).
    pub fn span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> SpanBuilder<'_> {
        SpanBuilder::new(self, operation, description)
    }

    /// Sets the status of the work. It takes precedence over the status that a layer would set.
    pub fn set_status(&self, status: SpanStatus) {
        self.change(|| status, |open, status| open.status = Some(status));
    }

    /// Sets the description of the work.
    pub fn set_description(&self, description: impl Into<Cow<'static, str>>) {
        self.change(|| description.into(), |open, description| open.description = description);
    }

    /// Sets the kind of work, such as `db.query`.
    pub fn set_operation(&self, operation: impl Into<Cow<'static, str>>) {
        self.change(|| operation.into(), |open, operation| open.operation = operation);
    }

    /// Sets the author of the span: `auto.` and a path of words for a library, `manual` (the default) for an
    /// application.
    pub fn set_origin(&self, origin: impl Into<Cow<'static, str>>) {
        self.change(|| origin.into(), |open, origin| open.origin = origin);
    }

    /// Sets a searchable text; a tag of the same key is replaced.
    pub fn set_tag(&self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.change(|| (key.into(), value.into()), |open, (key, value)| open.set_tag(key, value));
    }

    /// Sets an attribute, named as in OpenTelemetry's or Sentry's conventions. An attribute of the same key is
    /// replaced. A span keeps 128 attributes, tags and links each and [counts](FinishedSpan::dropped_values) the rest.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) {
        self.change(|| (key.into(), value.into()), |open, (key, value)| open.set_attribute(key, value));
    }

    /// Sets several attributes.
    pub fn set_attributes<K, V>(&self, attributes: impl IntoIterator<Item = (K, V)>)
    where
        K: Into<Cow<'static, str>>,
        V: Into<AttributeValue>,
    {
        // What the iterator runs must not run under the lock.
        let gather = || GatheredAttributes::new(attributes);
        self.change(gather, FinishedSpan::add_attributes);
    }

    /// Adds to an attribute that counts, such as the rows of several queries.
    pub fn add_to_attribute(&self, key: &'static str, number: i64) {
        self.change(|| (), |open, ()| open.add_to_attribute(key, number));
    }

    /// Links the span to another one.
    pub fn add_link(&self, link: SpanLink) {
        self.change(|| link, FinishedSpan::add_link);
    }

    /// Returns the status of the span so far; `None` if none is set or nothing is recorded.
    #[must_use]
    pub fn status(&self) -> Option<SpanStatus> {
        self.recorded()?.read(|span| span.status)?
    }

    /// Returns the kind of work so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn operation(&self) -> Option<Cow<'static, str>> {
        self.recorded()?.read(|span| span.operation.clone())
    }

    /// Returns the author of the span so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn origin(&self) -> Option<Cow<'static, str>> {
        self.recorded()?.read(|span| span.origin.clone())
    }

    /// Sets a number that describes the whole transaction, from any of its spans. A number of the same name is
    /// replaced. `unit` is one of Sentry's, such as `millisecond` or `byte`, and `none` for a number without a unit. A
    /// value that is not finite cannot be sent and is ignored.
    pub fn set_measurement(
        &self,
        name: impl Into<Cow<'static, str>>,
        value: f64,
        unit: impl Into<Cow<'static, str>>,
    ) {
        if let Some(span) = self.recorded()
            && value.is_finite()
        {
            span.recorder().measure(Measurement::new(name, value, unit));
        }
    }

    /// Returns whether the transaction has reached its maximum duration.
    #[inline]
    pub(crate) fn is_overdue(&self) -> bool {
        self.recorded().is_some_and(|span| span.recorder().is_overdue())
    }

    /// Ends the span of this context, unless it has ended. `status` applies if none was set, and `at` is now if it is
    /// not given.
    pub(crate) fn end_span(&self, outcome: Outcome, status: Option<SpanStatus>, at: Option<SystemTime>) {
        if let Some(span) = self.recorded() {
            span.end(outcome, status, at);
        }
    }

    /// Changes the span to a value that is prepared first, since no code of the caller may run under a lock.
    fn change<T>(&self, prepare: impl FnOnce() -> T, change: impl FnOnce(&mut FinishedSpan, T)) {
        if let Some(span) = self.recorded() {
            let prepared = prepare();
            span.change(|open| change(open, prepared));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{InMemorySink, SpanStatus, TraceContext, Tracer, TransactionName};

    #[test]
    fn a_measurement_is_that_of_the_transaction_and_finite() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        let span = root.start_span("function", "work");
        span.context().set_measurement("rows", 3.0, "none");
        span.context().set_measurement("memory_used", 1.5, "megabyte");
        span.end();
        root.context().set_measurement("rows", 4.0, "none");
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            root.context().set_measurement("broken", value, "none");
        }
        root.end();
        let sent = sink.take();
        let measured = sent[0].measurements.iter().map(|found| (&*found.name, found.value, &*found.unit));
        assert_eq!(measured.collect::<Vec<_>>(), [("rows", 4.0, "none"), ("memory_used", 1.5, "megabyte")]);
    }

    #[test]
    fn operation_and_origin_so_far() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        let seen = |context: &TraceContext| {
            (context.operation().unwrap_or_default(), context.origin().unwrap_or_default())
        };
        assert_eq!(seen(root.context()), ("task".into(), "manual".into()));
        root.context().set_operation("queue.process");
        root.context().set_origin("auto.queue.mine");
        assert_eq!(seen(root.context()), ("queue.process".into(), "auto.queue.mine".into()));
        let context = root.context().clone();
        root.end();
        let off = Tracer::builder().build().unwrap().start_new_trace();
        for context in [context, off] {
            assert_eq!((context.operation(), context.origin()), (None, None));
        }
    }

    #[test]
    fn name_and_status_so_far() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        let span = root.start_span("function", "work");
        let seen = || [root.context(), span.context()].map(|it| (it.transaction_name(), it.status()));
        let name = Some(TransactionName::task("job"));
        assert_eq!(seen(), [(name.clone(), None), (name, None)]);
        span.set_status(SpanStatus::DataLoss);
        span.context().set_transaction_name(TransactionName::custom("mine"));
        let name = Some(TransactionName::custom("mine"));
        assert_eq!(seen(), [(name.clone(), None), (name, Some(SpanStatus::DataLoss))]);
        let context = root.context().clone();
        root.end();
        assert_eq!((context.transaction_name(), context.status()), (None, None), "it has been sent");
        let off = Tracer::builder().build().unwrap().start_new_trace();
        off.set_status(SpanStatus::Ok);
        off.set_transaction_name(TransactionName::custom("mine"));
        assert_eq!((off.transaction_name(), off.status()), (None, None));
    }
}
