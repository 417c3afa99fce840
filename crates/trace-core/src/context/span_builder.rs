//! The description of a span that is about to start, or that is recorded after the fact.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::context::{Activity, Recording, SharedSpan, Span, TraceContext};
use crate::id::SpanId;
use crate::record::{ActiveSpan, AttributeValue, SpanLink, SpanStart};

/// The description of a span, made by [`TraceContext::span`].
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use trace_core::{InMemorySink, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let job = tracer.service_span("task", "report").start();
/// job.context().span("db.query", "SELECT 1").attribute("db.system.name", "sqlite").start().end();
///
/// // A driver reports how long a query took, once it is over.
/// let now = SystemTime::now();
/// job.context().span("db.query", "SELECT 2").record(now - Duration::from_millis(5), now);
/// job.end();
/// assert_eq!(sink.take()[0].spans.len(), 2);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug)]
#[must_use = "a description does nothing until the span is started or recorded"]
pub struct SpanBuilder<'a> {
    parent: &'a TraceContext,
    /// The recorded parent and the values of the span; `None` if nothing is recorded.
    recorded: Option<(&'a ActiveSpan, SpanStart)>,
}

impl<'a> SpanBuilder<'a> {
    #[inline]
    pub(super) fn new(
        parent: &'a TraceContext,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        let recorded =
            parent.recorded().map(|span| (span, SpanStart::new(operation.into(), description.into())));
        Self { parent, recorded }
    }

    /// Sets an attribute. An attribute of the same key is replaced.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        if let Some((_, start)) = &mut self.recorded {
            start.set_attribute(key.into(), value.into());
        }
        self
    }

    /// Sets all attributes at once. Their keys must differ.
    #[inline]
    pub fn attributes(mut self, attributes: Vec<(Cow<'static, str>, AttributeValue)>) -> Self {
        if let Some((_, start)) = &mut self.recorded {
            start.replace_attributes(attributes);
        }
        self
    }

    /// Links the span to another one.
    pub fn link(mut self, link: SpanLink) -> Self {
        if let Some((_, start)) = &mut self.recorded {
            start.add_link(link);
        }
        self
    }

    /// Sets the author of the span, as [`TraceContext::set_origin`] does.
    #[inline]
    pub fn origin(mut self, origin: impl Into<Cow<'static, str>>) -> Self {
        if let Some((_, start)) = &mut self.recorded {
            start.origin = origin.into();
        }
        self
    }

    /// Sets the time at which the work began. A time in the future becomes now.
    pub fn started_at(mut self, time: SystemTime) -> Self {
        if let Some((_, start)) = &mut self.recorded {
            start.started_at = Some(time);
        }
        self
    }

    /// Starts the span.
    pub fn start(self) -> Span {
        Span::new(self.into_context())
    }

    /// Starts the span for an owner that enters it and ends it with an outcome.
    pub fn start_activity(self) -> Activity {
        Activity::owning(self.into_context())
    }

    /// Starts the span for a bridge, which attaches and ends it by calls on any thread.
    ///
    /// If the transaction is sent while such a span below it has not ended, it ends then: a bridge may end no span before
    /// all that are below it.
    #[inline]
    pub fn start_shared(mut self) -> SharedSpan {
        if let Some((_, start)) = &mut self.recorded {
            start.is_shared = true;
        }
        SharedSpan::owning(self.into_context())
    }

    /// Records a span that is over. Times in the future become now, and an end before the start becomes the start.
    pub fn record(self, start: SystemTime, end: SystemTime) {
        self.started_at(start).start().end_at(end);
    }

    fn into_context(self) -> TraceContext {
        let Self { parent, recorded } = self;
        let span_id = SpanId::random();
        let recording = match recorded {
            None => parent.recording.clone(),
            Some((span, start)) => match span.ignored(&start) {
                None => Recording::On(span.start(span_id, parent.span_id, start)),
                // It has no id of its own: what it calls is called by the nearest recorded ancestor.
                Some(ignored) => {
                    return TraceContext { recording: Recording::On(ignored), ..parent.clone() };
                }
            },
        };
        TraceContext {
            span_id,
            parent_span_id: Some(parent.span_id),
            has_span: true,
            recording,
            serving: parent.serving.carried(),
            caller: parent.caller.clone(),
            ..*parent
        }
    }
}

impl TraceContext {
    /// Runs `work` in a span below this one. The span is current during the work and ends with it.
    ///
    /// ```
    /// use trace_core::{InMemorySink, Tracer};
    ///
    /// let sink = InMemorySink::default();
    /// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    /// let job = tracer.service_span("task", "report").start();
    /// let sum = job.context().in_child_span("function", "add up", |span| {
    ///     span.set_attribute("rows", 2);
    ///     1 + 1
    /// });
    /// job.end();
    /// assert_eq!((sum, sink.take()[0].spans.len()), (2, 1));
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn in_child_span<R>(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        work: impl FnOnce(&Span) -> R,
    ) -> R {
        let span = self.start_span(operation, description);
        span.scope(|| work(&span))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use crate::{InMemorySink, SpanLink, Tracer};

    #[test]
    fn a_span_has_what_it_was_described_with_and_only_if_it_is_recorded() {
        for rate in [1.0, 0.0] {
            let sink = InMemorySink::default();
            let tracer = Tracer::builder().traces_sample_rate(rate).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            let link = SpanLink::new(job.trace_id(), job.span_id(), None);
            let span =
                job.context().span("db.query", "SELECT 1").attribute("rows", 3).link(link.clone()).start();
            assert_eq!(span.context().parent_span_id(), Some(job.span_id()));
            span.end();
            job.end();
            let sent = sink.take();
            let spans: Vec<_> = sent.iter().flat_map(|sent| &sent.spans).collect();
            assert_eq!(spans.len(), rate as usize, "{rate}");
            for span in spans {
                assert_eq!((span.attribute("rows"), &span.links[..]), (Some(&3.into()), &[link.clone()][..]));
            }
        }
    }

    #[test]
    fn given_times_are_recorded_and_never_out_of_order() {
        let (second, day) = (Duration::from_secs(1), Duration::from_secs(86_400));
        let now = SystemTime::now();
        let table = [
            ("before the service span", now - day, now - second, now - day, day - second),
            ("an end before the start", now - second, now - day, now - second, Duration::ZERO),
            (
                "the epoch",
                SystemTime::UNIX_EPOCH,
                SystemTime::UNIX_EPOCH,
                SystemTime::UNIX_EPOCH,
                Duration::ZERO,
            ),
        ];
        for (name, start, end, expected_start, expected_duration) in table {
            let sink = InMemorySink::default();
            let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            job.context().span("db.query", name).record(start, end);
            job.context().span("db.query", "in the future").record(now + day, now + day + day);
            job.end();
            let sent = sink.take().remove(0);
            let (found, future) = (&sent.spans[0], &sent.spans[1]);
            assert_eq!((found.start, found.duration), (expected_start, expected_duration), "{name}");
            assert!(future.start >= sent.root.start && future.end() <= SystemTime::now() + second);
        }
    }
}
