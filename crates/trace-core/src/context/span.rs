//! Spans: recorded pieces of work, each of which ends once.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::context::{Recording, TraceContext};
use crate::id::SpanId;
use crate::record::{AttributeValue, FinishedSpan, Measurement, Outcome, SpanLink, SpanStatus, replace};

/// A piece of work: a [`TraceContext`] that ends.
///
/// It ends once, with [`end`](Self::end) or when it is dropped. If the trace is not recorded, the span is only an id
/// that is sent on, and all setters do nothing.
///
/// ```
/// use trace_core::{InMemorySink, SpanStatus, TransactionName, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let job = tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("report"));
/// {
///     let query = job.start_span("db.query", "SELECT * FROM orders");
///     query.set_attribute("db.system", "postgresql");
///     query.set_status(SpanStatus::Ok);
/// }
/// job.end();
/// assert_eq!(sink.take()[0].spans[0].description, "SELECT * FROM orders");
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    context: TraceContext,
}

impl Span {
    pub(crate) fn new(context: TraceContext) -> Self {
        Self { context }
    }

    /// Returns the context of the span. Work in this context belongs to the span.
    #[must_use]
    pub fn context(&self) -> &TraceContext {
        &self.context
    }

    /// Ends the span now.
    pub fn end(self) {}
}

impl Deref for Span {
    type Target = TraceContext;

    fn deref(&self) -> &TraceContext {
        &self.context
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Complete };
        self.context.end_span(outcome, outcome.status());
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Span").field(&self.context).finish()
    }
}

impl Outcome {
    /// Returns the status of work with this outcome for which no status was set.
    pub(crate) fn status(self) -> Option<SpanStatus> {
        match self {
            Self::Complete => None,
            Self::Failed | Self::Panicked => Some(SpanStatus::InternalError),
            Self::Cancelled => Some(SpanStatus::Cancelled),
            Self::TimedOut => Some(SpanStatus::DeadlineExceeded),
        }
    }
}

/// The span that a context belongs to. These methods have no effect if nothing is recorded.
impl TraceContext {
    /// Starts a span below this one.
    ///
    /// `operation` has few different values, such as `db.query`. `description` says more and should still vary little.
    pub fn start_span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Span {
        Span::new(self.begin_span(operation, description))
    }

    /// Starts a span below this one for an owner that ends the span itself.
    pub(crate) fn begin_span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        let span_id = SpanId::random();
        let recording = match &self.recording {
            Recording::Off(source) => Recording::Off(source.clone()),
            Recording::On(span) => {
                Recording::On(span.start(span_id, self.span_id, operation.into(), description.into()))
            }
        };
        let (parent_span_id, serving) = (Some(self.span_id), self.serving.carried());
        Self { span_id, parent_span_id, recording, serving, caller: self.caller.clone(), ..*self }
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
        self.change(|| (key.into(), value.into()), |open, (key, value)| replace(&mut open.tags, key, value));
    }

    /// Sets an attribute, named as in OpenTelemetry's or Sentry's conventions. An attribute of the same key is
    /// replaced.
    pub fn set_attribute(&self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) {
        self.change(
            || (key.into(), value.into()),
            |open, (key, value)| replace(&mut open.attributes, key, value),
        );
    }

    /// Sets several attributes.
    pub fn set_attributes<K, V>(&self, attributes: impl IntoIterator<Item = (K, V)>)
    where
        K: Into<Cow<'static, str>>,
        V: Into<AttributeValue>,
    {
        let gather = || {
            let attributes = attributes.into_iter();
            let (least, most) = attributes.size_hint();
            let mut gathered = Vec::with_capacity(most.unwrap_or(least).min(USUAL_ATTRIBUTES));
            attributes.for_each(|(key, value)| replace(&mut gathered, key.into(), value.into()));
            gathered
        };
        self.change(gather, |open, gathered| {
            if open.attributes.is_empty() {
                open.attributes = gathered;
            } else {
                gathered.into_iter().for_each(|(key, value)| replace(&mut open.attributes, key, value));
            }
        });
    }

    /// Links the span to another one.
    pub fn add_link(&self, link: SpanLink) {
        self.change(|| link, |open, link| open.links.push(link));
    }

    /// Returns the status of the span so far; `None` if none is set or nothing is recorded.
    #[must_use]
    pub fn status(&self) -> Option<SpanStatus> {
        self.span()?.read(|span| span.status)?
    }

    /// Returns the kind of work so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn operation(&self) -> Option<Cow<'static, str>> {
        self.span()?.read(|span| span.operation.clone())
    }

    /// Returns the author of the span so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn origin(&self) -> Option<Cow<'static, str>> {
        self.span()?.read(|span| span.origin.clone())
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
        if let Some(span) = self.span()
            && value.is_finite()
        {
            span.transaction().measure(Measurement { name: name.into(), value, unit: unit.into() });
        }
    }

    /// Ends the span of this context if its transaction has reached its maximum duration.
    #[inline]
    pub(crate) fn end_if_overdue(&self) {
        if let Some(span) = self.span()
            && span.transaction().is_overdue()
        {
            span.end(Outcome::TimedOut, None);
        }
    }

    /// Ends the span of this context, unless it has ended. `status` applies if none was set.
    pub(crate) fn end_span(&self, outcome: Outcome, status: Option<SpanStatus>) {
        if let Some(span) = self.span() {
            span.end(outcome, status);
        }
    }

    /// Changes the span to a value that is prepared first, since no code of the caller may run under a lock.
    fn change<T>(&self, prepare: impl FnOnce() -> T, change: impl FnOnce(&mut FinishedSpan, T)) {
        if let Some(span) = self.span() {
            let prepared = prepare();
            span.change(|open| change(open, prepared));
        }
    }
}

/// The maximum number of attributes for which room is allocated at once.
const USUAL_ATTRIBUTES: usize = 16;

#[cfg(test)]
mod tests {
    use crate::{InMemorySink, SpanStatus, TraceContext, Tracer, TransactionName};

    #[test]
    fn a_measurement_is_that_of_the_transaction_and_finite() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let root =
            tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let span = root.start_span("function", "work");
        span.set_measurement("rows", 3.0, "none");
        span.set_measurement("memory_used", 1.5, "megabyte");
        span.end();
        root.set_measurement("rows", 4.0, "none");
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            root.set_measurement("broken", value, "none");
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
        let root =
            tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let seen = |context: &TraceContext| {
            (context.operation().unwrap_or_default(), context.origin().unwrap_or_default())
        };
        assert_eq!(seen(&root), ("task".into(), "manual".into()));
        root.set_operation("queue.process");
        root.set_origin("auto.queue.mine");
        assert_eq!(seen(&root), ("queue.process".into(), "auto.queue.mine".into()));
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
        let root =
            tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let span = root.start_span("function", "work");
        let seen = || [root.context(), span.context()].map(|it| (it.transaction_name(), it.status()));
        let name = Some(TransactionName::task("job"));
        assert_eq!(seen(), [(name.clone(), None), (name, None)]);
        span.set_status(SpanStatus::DataLoss);
        span.set_transaction_name(TransactionName::custom("mine"));
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
