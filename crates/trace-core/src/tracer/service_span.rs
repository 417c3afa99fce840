//! The description of a service span that is about to start.

use std::borrow::Cow;
use std::time::SystemTime;

use super::Tracer;
use super::sampling::ServiceSpanStart;
use crate::context::{Activity, SharedSpan, Span, TraceContext};
use crate::propagation::Extract;
use crate::record::{AttributeValue, SpanLink, SpanStart, TransactionName};

/// The description of a service span, made by [`Tracer::service_span`]. It starts a new trace unless it is told
/// otherwise.
///
/// ```
/// use trace_core::{Tracer, TransactionName};
///
/// let tracer = Tracer::builder().traces_sample_rate(1.0).build()?;
/// let incoming = [("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1")];
/// let job = tracer
///     .service_span("queue.process", TransactionName::task("confirmations"))
///     .continuing(incoming.as_slice())
///     .attribute("messaging.system", "kafka")
///     .start();
/// assert_eq!(job.trace_id().to_string(), "771a43a4192642f0b136d5159a501700");
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug)]
#[must_use = "a description does nothing until the span is started"]
pub struct ServiceSpanBuilder<'a> {
    tracer: &'a Tracer,
    context: Option<TraceContext>,
    name: TransactionName,
    span: SpanStart,
    sampled: Option<bool>,
}

impl Tracer {
    /// Describes a service span: the top span of this service's part of a trace, such as that of a request or a job.
    ///
    /// `operation` is a kind of work, such as `queue.process`. The name should be shared by many spans.
    pub fn service_span(
        &self,
        operation: impl Into<Cow<'static, str>>,
        name: impl Into<TransactionName>,
    ) -> ServiceSpanBuilder<'_> {
        ServiceSpanBuilder {
            tracer: self,
            context: None,
            name: name.into(),
            span: SpanStart::new(operation.into(), "".into()),
            sampled: None,
        }
    }
}

impl ServiceSpanBuilder<'_> {
    /// Continues the trace of a carrier, or starts one if there is none to continue, as [`Tracer::continue_trace`] does.
    pub fn continuing(self, carrier: &(impl Extract + ?Sized)) -> Self {
        let context = self.tracer.continue_trace(carrier);
        self.in_trace(context)
    }

    /// Starts the span in a trace that was continued or started before. The service span becomes the span of this
    /// context, so each context is for one service span. In the context of a span it is a child of that span, with a
    /// transaction of its own.
    pub fn in_trace(mut self, context: impl Into<TraceContext>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Sets the sampling decision. The sampler, the caller's decision and the rate are then ignored.
    pub fn sampled(mut self, sampled: bool) -> Self {
        self.sampled = Some(sampled);
        self
    }

    /// Sets an attribute, which the [sampler](crate::SamplingContext::attribute) sees, too. An attribute of the same key is
    /// replaced.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) -> Self {
        self.span.set_attribute(key.into(), value.into());
        self
    }

    /// Sets all attributes at once, as [`attribute`](Self::attribute) does. Their keys must differ.
    pub fn attributes(mut self, attributes: Vec<(Cow<'static, str>, AttributeValue)>) -> Self {
        self.span.replace_attributes(attributes);
        self
    }

    /// Links the span to another one, such as that of a message of a batch.
    pub fn link(mut self, link: SpanLink) -> Self {
        self.span.add_link(link);
        self
    }

    /// Sets the author of the span, as [`TraceContext::set_origin`] does.
    pub fn origin(mut self, origin: impl Into<Cow<'static, str>>) -> Self {
        self.span.origin = origin.into();
        self
    }

    /// Sets the time at which the work began. A time in the future becomes now.
    pub fn started_at(mut self, time: SystemTime) -> Self {
        self.span.started_at = Some(time);
        self
    }

    /// Makes the sampling decision and starts the span.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn start(self) -> Span {
        Span::new(self.into_context())
    }

    /// Starts the span for an owner that enters it and ends it with an outcome.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn start_activity(self) -> Activity {
        Activity::owning(self.into_context())
    }

    /// Starts the span for a bridge, which attaches and ends it by calls on any thread.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn start_shared(self) -> SharedSpan {
        SharedSpan::owning(self.into_context())
    }

    /// Records a service span that is over. Times in the future become now, and an end before the start becomes the start.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn record(self, start: SystemTime, end: SystemTime) {
        self.started_at(start).start().end_at(end);
    }

    fn into_context(self) -> TraceContext {
        let Self { tracer, context, name, span, sampled } = self;
        let mut context = context.unwrap_or_else(|| tracer.start_new_trace());
        tracer.begin_service_span(
            &mut context,
            ServiceSpanStart { span, name: || name, sampled, request: None },
        );
        context
    }
}
