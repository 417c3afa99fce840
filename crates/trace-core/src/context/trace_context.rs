//! The context of a trace: the cheap immutable value that crosses tasks and processes.

use std::borrow::Cow;
use std::fmt;

use crate::context::Serving;
use crate::dsc::{DynamicSamplingContext, Source};
use crate::id::{SpanId, TraceId};
use crate::policy::{Continuation, SampleRand};
use crate::propagation::{
    CallerHeaders, Inject, Injection, Known, OutgoingTrace, TraceData, W3cOptions, Withheld, inject,
};
use crate::record::{ActiveSpan, SpanLink};
use crate::wire::SentryTrace;

/// Where work stands in a trace: which trace, which span, the sampling decision, and what is to be sent on.
///
/// Made by a [`Tracer`](crate::Tracer), which continues a trace or starts one. Cloning is cheap. A context is
/// *current* within [`scope`](Self::scope) and within a future that was put
/// [in a trace](crate::TraceExt::in_trace).
pub struct TraceContext {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) sampled: Option<bool>,
    /// A decision of the application, which no sampler may change.
    pub(crate) explicit: Option<bool>,
    /// The headers that came in on this request, to know them again when a proxy copies them.
    pub(crate) caller: CallerHeaders,
    pub(crate) recording: Recording,
    pub(crate) w3c: W3cOptions,
    /// Which request it is the context of, if of any.
    pub(crate) serving: Serving,
}

impl Clone for TraceContext {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            recording: self.recording.clone(),
            serving: self.serving.carried(),
            ..*self
        }
    }
}

/// Whether work is recorded. The source of a trace that is recorded is kept once, by the transaction.
#[derive(Clone)]
pub(crate) enum Recording {
    Off(Source),
    On(ActiveSpan),
}

impl TraceContext {
    /// The trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span that the work belongs to: it becomes the parent of whoever is called.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The parent of that span; `None` for the head of a trace.
    #[must_use]
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.parent_span_id
    }

    /// The decision that is sent on; `None` leaves it to whoever is called.
    #[must_use]
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }

    /// Whether the spans of this context are recorded. A sampled trace is not if no sampling option is set.
    #[must_use]
    #[inline]
    pub fn is_recording(&self) -> bool {
        matches!(self.recording, Recording::On(_))
    }

    /// The span, while recording.
    #[inline]
    pub(crate) fn span(&self) -> Option<&ActiveSpan> {
        match &self.recording {
            Recording::On(span) => Some(span),
            Recording::Off(_) => None,
        }
    }

    pub(crate) fn source(&self) -> &Source {
        match &self.recording {
            Recording::On(span) => span.transaction().source(),
            Recording::Off(source) => source,
        }
    }

    /// Whether the trace is a caller's or new, and why.
    #[must_use]
    pub fn continuation(&self) -> Continuation {
        self.source().continuation(self.trace_id)
    }

    /// The random number of the trace.
    #[must_use]
    pub fn sample_rand(&self) -> SampleRand {
        self.source().sample_rand(self.trace_id)
    }

    /// The decision of the application for the transaction that is about to be
    /// [started](crate::Tracer::start_transaction): no sampler, parent or rate is asked.
    #[must_use]
    pub fn with_decision(mut self, sampled: bool) -> Self {
        self.explicit = Some(sampled);
        self
    }

    /// The `sentry-trace` of this context.
    #[must_use]
    pub fn sentry_trace(&self) -> SentryTrace {
        let Self { trace_id, span_id, sampled, .. } = *self;
        SentryTrace { trace_id, span_id, sampled }
    }

    /// Returns a link to the span of this context, whether or not it is recorded.
    #[must_use]
    pub fn link(&self) -> SpanLink {
        SpanLink::new(self.trace_id, self.span_id, self.sampled)
    }

    /// The dynamic sampling context as it came from the caller; `None` for a trace that starts here.
    #[must_use]
    pub fn received_sampling_context(&self) -> Option<&DynamicSamplingContext> {
        self.source().received_context(self.trace_id)
    }

    /// The dynamic sampling context that is sent on. It leaves the process with this call, so it is frozen from now
    /// on.
    #[must_use]
    pub fn dynamic_sampling_context(&self) -> Cow<'_, DynamicSamplingContext> {
        self.source().dynamic_sampling_context(self.trace_id)
    }

    /// The headers as values, for whatever carries them: JSON, a page, a message.
    #[must_use]
    pub fn trace_data(&self) -> TraceData {
        let context = &self.dynamic_sampling_context();
        let trace = OutgoingTrace { header: self.sentry_trace(), context, w3c_state: self.source().w3c() };
        TraceData::new(&trace, self.w3c.propagate)
    }

    /// Writes the headers to a carrier: an outgoing request, the metadata of a message, the environment of a
    /// [`Command`](std::process::Command). Members of others in its `baggage` stay. Nothing is written if the
    /// application put a `sentry-trace` there itself.
    pub fn inject(&self, carrier: &mut impl Inject) -> Injection {
        self.inject_with(&InjectOptions::default(), carrier)
    }

    /// The same with what else is known of an outgoing request.
    pub fn inject_with(&self, options: &InjectOptions<'_>, carrier: &mut impl Inject) -> Injection {
        let span_id = options.span_id.unwrap_or(self.span_id);
        let trace = OutgoingTrace {
            header: SentryTrace { span_id, ..self.sentry_trace() },
            context: &self.dynamic_sampling_context(),
            w3c_state: self.source().w3c(),
        };
        inject::inject(carrier, &trace, &self.known(options))
    }

    /// Takes the trace headers of the request that came in off a carrier that a proxy copied them to, and that must
    /// not carry the trace because of `reason`. What the application put there itself stays, unless
    /// [nothing may leave](InjectOptions::nothing_may_leave).
    pub fn withhold(
        &self,
        reason: Withheld,
        options: &InjectOptions<'_>,
        carrier: &mut impl Inject,
    ) -> Injection {
        let known = self.known(options);
        let breaks_signature = inject::withhold(carrier, &known, self.trace_id, options.nothing_may_leave);
        Injection::Withheld(if breaks_signature { Withheld::SignatureBroken } else { reason })
    }

    fn known<'a>(&'a self, options: &InjectOptions<'a>) -> Known<'a> {
        let w3c = W3cOptions {
            accept: self.w3c.accept || options.accept_traceparent,
            propagate: self.w3c.propagate || options.propagate_traceparent,
        };
        Known { caller: &self.caller, w3c, query: options.query }
    }
}

/// What is known of an outgoing request whose headers are [written](TraceContext::inject_with) or
/// [withheld](TraceContext::withhold).
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct InjectOptions<'a> {
    /// The span that sends it, if that is not the span of the context, such as that of an attempt which is not recorded.
    pub span_id: Option<SpanId>,
    /// Whether `traceparent` is written, too. The context's own tracer may ask for it as well.
    pub propagate_traceparent: bool,
    /// Whether a `traceparent` may be continued here, so that one on the request is ours.
    pub accept_traceparent: bool,
    /// The query of its URL, in which a presigned URL lists the headers that are signed.
    pub query: Option<&'a str>,
    /// Whether nothing of a trace may leave, not even what the application wrote itself.
    pub nothing_may_leave: bool,
}

/// The `sentry-trace` and where it came from.
impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceContext")
            .field("sentry_trace", &format_args!("{}", self.sentry_trace()))
            .field("parent_span_id", &self.parent_span_id)
            .field("continuation", &self.continuation())
            .field("is_recording", &self.is_recording())
            .finish_non_exhaustive()
    }
}
