//! The context of a trace: the cheap immutable value that crosses tasks and processes.

use std::borrow::Cow;
use std::fmt;

use crate::context::Serving;
use crate::dsc::{DynamicSamplingContext, Source};
use crate::id::{SpanId, TraceId};
use crate::policy::{Continuation, SampleRand, SampleRate};
use crate::propagation::{
    CallerHeaders, Inject, Injection, Known, OutgoingTrace, TraceData, W3cOptions, Withheld, inject,
};
use crate::record::{ActiveSpan, SpanLink};
use crate::wire::SentryTrace;

/// The position of work in a trace: the trace, the span, the sampling decision, and what is sent on.
///
/// A [`Tracer`](crate::Tracer) makes it when it continues a trace or starts one. Cloning is cheap. A context is
/// *current* within [`scope`](Self::scope) and within a future that was put [in a trace](crate::TraceExt::in_trace).
pub struct TraceContext {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) sampled: Option<bool>,
    /// `true` if nothing is recorded or sent on.
    pub(crate) is_suppressed: bool,
    /// `true` if a span has started that has this id, whether or not it is recorded.
    pub(crate) has_span: bool,
    /// The headers of the incoming request, by which copies that a proxy makes are recognized.
    pub(crate) caller: CallerHeaders,
    pub(crate) recording: Recording,
    pub(crate) w3c: W3cOptions,
    /// The request that the context serves, if any.
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

/// The recording state. If work is recorded, the recorder keeps the only copy of the source of the trace.
#[derive(Clone)]
pub(crate) enum Recording {
    Off(Source),
    On(ActiveSpan),
}

impl TraceContext {
    /// Returns the id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the span that the work belongs to. It is the parent of the spans of a called service.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Returns the parent of that span; `None` for the head of a trace.
    #[must_use]
    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.parent_span_id
    }

    /// Returns the decision that is sent on; `None` leaves the decision to the called service.
    #[must_use]
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }

    /// Returns whether the spans of this context are recorded. Without a sampling option, a sampled trace is not
    /// recorded.
    #[must_use]
    #[inline]
    pub fn is_recording(&self) -> bool {
        matches!(self.recording, Recording::On(_))
    }

    /// Returns the span if it is recorded.
    #[inline]
    pub(crate) fn recorded(&self) -> Option<&ActiveSpan> {
        match &self.recording {
            Recording::On(span) => Some(span),
            Recording::Off(_) => None,
        }
    }

    pub(crate) fn source(&self) -> &Source {
        match &self.recording {
            Recording::On(span) => span.recorder().source(),
            Recording::Off(source) => source,
        }
    }

    /// Returns whether the trace is a caller's or new, with the reason.
    #[must_use]
    pub fn continuation(&self) -> Continuation {
        self.source().continuation(self.trace_id)
    }

    /// Returns the random number of the trace.
    #[must_use]
    pub fn sample_rand(&self) -> SampleRand {
        self.source().sample_rand(self.trace_id)
    }

    /// Returns the `sentry-trace` of this context.
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

    /// Returns the dynamic sampling context that the caller sent; `None` if the context begins here.
    #[must_use]
    pub fn received_sampling_context(&self) -> Option<&DynamicSamplingContext> {
        self.source().received_context(self.trace_id)
    }

    /// Returns the dynamic sampling context that is sent on. This call freezes it, since it may leave the process now.
    #[must_use]
    pub fn dynamic_sampling_context(&self) -> Cow<'_, DynamicSamplingContext> {
        self.source().dynamic_sampling_context(self.trace_id)
    }

    /// Returns the rate of this service, if that rate made the decision.
    #[must_use]
    pub fn own_sample_rate(&self) -> Option<SampleRate> {
        self.source().own_rate()
    }

    /// Returns the headers as values for other carriers, such as JSON, a page or a message. They are empty if tracing is
    /// [suppressed](Self::is_suppressed).
    #[must_use]
    pub fn trace_data(&self) -> TraceData {
        if self.is_suppressed {
            return TraceData::default();
        }
        let context = &self.dynamic_sampling_context();
        let trace = OutgoingTrace { header: self.sentry_trace(), context, w3c_state: self.source().w3c() };
        TraceData::new(&trace, self.w3c.propagate)
    }

    /// Writes the headers to a carrier: an outgoing request, the metadata of a message, the environment of a
    /// [`Command`](std::process::Command). Other vendors' members of its `baggage` stay. Nothing is written if the
    /// application put a `sentry-trace` there itself.
    pub fn inject(&self, carrier: &mut impl Inject) -> Injection {
        self.inject_with(&InjectOptions::default(), carrier)
    }

    /// Writes the headers to a carrier as [`inject`](Self::inject) does, with options for the outgoing request.
    pub fn inject_with(&self, options: &InjectOptions<'_>, carrier: &mut impl Inject) -> Injection {
        let span_id = options.span_id.unwrap_or(self.span_id);
        if self.is_suppressed {
            return self.withhold(Withheld::Suppressed, options, carrier);
        }
        let trace = OutgoingTrace {
            header: SentryTrace { span_id, ..self.sentry_trace() },
            context: &self.dynamic_sampling_context(),
            w3c_state: self.source().w3c(),
        };
        inject::inject(carrier, &trace, &self.known(options))
    }

    /// Removes the trace headers of the incoming request from a carrier. A proxy copied them there, and the carrier
    /// must not have the trace because of `reason`. Headers that the application wrote itself stay, unless [nothing
    /// may leave](InjectOptions::nothing_may_leave).
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

/// The options of an outgoing request whose headers are [written](TraceContext::inject_with) or
/// [withheld](TraceContext::withhold).
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct InjectOptions<'a> {
    /// The span that sends the request, if it is not the span of the context, such as that of an attempt that is not
    /// recorded.
    pub span_id: Option<SpanId>,
    /// `true` if `traceparent` is written, too. The tracer of the context may also require it.
    pub propagate_traceparent: bool,
    /// `true` if this service may continue a `traceparent`, so that one on the request counts as ours.
    pub accept_traceparent: bool,
    /// The query of the request's URL. A presigned URL lists the signed headers there.
    pub query: Option<&'a str>,
    /// `true` if nothing of a trace may leave, not even what the application wrote itself.
    pub nothing_may_leave: bool,
}

/// The `sentry-trace` and the origin of the trace.
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
