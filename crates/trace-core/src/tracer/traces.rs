//! The contexts of traces that are continued, and of those that start here.

use std::sync::Arc;

use http::HeaderMap;

use super::Tracer;
use crate::context::{Recording, Serving, TraceContext, map_current};
use crate::dsc::{Beginning, FixedContext, OpenContext, Source};
use crate::id::{SpanId, TraceId};
use crate::policy::{NewTrace, SampleRand};
use crate::propagation::{CallerHeaders, Extract, Extracted, Verdict, extract};
use crate::tracer::PropagationEvent;
use crate::wire::SentryTrace;

impl Tracer {
    /// Continues the trace of a carrier, or starts one if there is none to continue. The context has the
    /// [reason](TraceContext::continuation). No span is started: use the context with [`scope`](TraceContext::scope),
    /// or start a [service span](Self::service_span) in it.
    #[must_use]
    pub fn continue_trace(&self, carrier: &(impl Extract + ?Sized)) -> TraceContext {
        let mut context = self.continue_request(&carrier.headers());
        // The headers of the current request stay known, since a proxy may copy them to a call of this trace, too.
        map_current(|current| {
            if let Some(current) = current {
                context.caller.add(&current.caller);
                context.is_suppressed |= current.is_suppressed;
            }
        });
        context
    }

    /// Continues the trace of a request that is served, whether or not another request is being served.
    pub(crate) fn continue_request(&self, headers: &HeaderMap) -> TraceContext {
        // This case is separate, so that without an observer the context is built where it is returned.
        let Some(observer) = &self.options.observer else { return self.continue_headers(headers) };
        let context = self.continue_headers(headers);
        observer(&PropagationEvent::Incoming { context: &context });
        context
    }

    fn continue_headers(&self, headers: &HeaderMap) -> TraceContext {
        let Extracted { caller, verdict } = extract::extract(headers, self.options.policy);
        match verdict {
            Verdict::New(reason) => self.new_trace(reason, caller),
            Verdict::Continued { header, received } => {
                self.continued(header, caller, Source::Caller { caller: received, own_rate: None })
            }
            Verdict::Adopted { header, context, w3c } => {
                let beginning = Beginning::Traceparent { context, w3c };
                let source = self.own_source(header.trace_id, beginning, header.sampled);
                self.continued(header, caller, source)
            }
        }
    }

    fn continued(&self, header: SentryTrace, caller: CallerHeaders, source: Source) -> TraceContext {
        self.context(header.trace_id, Some(header.span_id), header.sampled, caller, source)
    }

    /// Builds a context where it is returned, since it is large.
    #[inline]
    fn context(
        &self,
        trace_id: TraceId,
        parent_span_id: Option<SpanId>,
        sampled: Option<bool>,
        caller: CallerHeaders,
        source: Source,
    ) -> TraceContext {
        TraceContext {
            trace_id,
            span_id: SpanId::random(),
            parent_span_id,
            sampled,
            is_suppressed: !self.options.is_enabled,
            has_span: false,
            caller,
            recording: Recording::Off(source),
            w3c: self.options.policy.w3c,
            serving: Serving::Nothing,
        }
    }

    /// Returns the caller that the trace headers name.
    pub(crate) fn caller_of(&self, headers: &HeaderMap) -> CallerHeaders {
        extract::caller_of(headers, self.options.policy)
    }

    /// Starts a new trace. The context that is current now is current again after the [scope](TraceContext::scope) of
    /// the new one.
    #[must_use]
    pub fn start_new_trace(&self) -> TraceContext {
        // The headers of the current request stay known, since a proxy may copy them to a call of this trace, too.
        let inherited = |current: &TraceContext| (current.caller.clone(), current.is_suppressed);
        let (caller, is_suppressed) = map_current(|current| current.map(inherited)).unwrap_or_default();
        let mut context = self.new_trace(NewTrace::Started, caller);
        context.is_suppressed |= is_suppressed;
        context
    }

    fn new_trace(&self, reason: NewTrace, caller: CallerHeaders) -> TraceContext {
        let trace_id = TraceId::random();
        let source = self.own_source(trace_id, Beginning::New(reason), None);
        self.context(trace_id, None, None, caller, source)
    }

    /// Returns a sampling context that begins here. `sampled` is the decision of a caller that has no sampling
    /// context.
    fn own_source(&self, trace_id: TraceId, beginning: Beginning, sampled: Option<bool>) -> Source {
        let sample_rand = SampleRand::of_trace(trace_id);
        let constants = &self.options.constants;
        if self.is_tracing_enabled() {
            Source::Open(beginning, Arc::new(OpenContext::new(trace_id, sample_rand, constants, sampled)))
        } else {
            // The decision and the name will never be set.
            Source::Fixed(beginning, FixedContext::new(trace_id, sample_rand, constants, sampled))
        }
    }
}
