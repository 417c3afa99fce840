//! The start of a service span: the sampling decision, and the recorder.

use super::{SamplingContext, Tracer};
use crate::context::{Recording, TraceContext};
use crate::dsc::DynamicSamplingContext;
use crate::id::SpanId;
use crate::policy::{Decision, ParentSampling, RequestHead, decide};
use crate::record::{
    ActiveSpan, Callback, DropReason, IgnoredSpans, LazyName, Loss, Record, Recorder, SpanStart, Start,
    TraceLifecycle, TransactionName,
};

/// The values with which a service span starts, before it is known whether it is recorded.
pub(super) struct ServiceSpanStart<'a, N> {
    pub(super) span: SpanStart,
    /// The function that makes the name. It is called only if the name is needed.
    pub(super) name: N,
    /// The application's decision, which precedes every other one.
    pub(super) sampled: Option<bool>,
    pub(super) request: Option<RequestHead<'a>>,
}

impl Tracer {
    /// Returns whether a decision is made or anything is recorded when a service span starts.
    pub(super) fn starts_service_spans(&self) -> bool {
        self.is_tracing_enabled() || self.options.requirements.records_unsampled
    }

    /// Starts the service span of a context: makes the sampling decision once, and records the span if it is sampled.
    pub(super) fn begin_service_span<N: FnOnce() -> TransactionName>(
        &self,
        context: &mut TraceContext,
        start: ServiceSpanStart<'_, N>,
    ) {
        // A span of an outer service span is not part of this one.
        if let Recording::On(outer) = &context.recording {
            context.recording = Recording::Off(outer.recorder().source().clone());
        }
        // No two spans have one id: this one is below the span of the context, which may have ended.
        if std::mem::replace(&mut context.has_span, true) {
            (context.parent_span_id, context.span_id) = (Some(context.span_id), SpanId::random());
        }
        // The context may be of another tracer.
        context.is_suppressed |= !self.options.is_enabled;
        if context.is_suppressed {
            return;
        }
        let ServiceSpanStart { span, name, sampled, request } = start;
        let name = LazyName::new(name, &self.options.panics);
        let mut is_ignored = false;
        if self.is_tracing_enabled() {
            is_ignored = self.sample(context, &Undecided { span: &span, name: &name, sampled, request });
        } else {
            context.sampled = sampled.or(context.sampled);
        }
        if let Some(destination) = &self.options.destination {
            let is_sampled = self.is_tracing_enabled() && context.sampled == Some(true);
            let requirements = &self.options.requirements;
            // Each streamed span below an ignored one counts.
            let ignores_all = is_ignored && requirements.lifecycle == TraceLifecycle::Stream;
            if is_sampled || requirements.records_unsampled || ignores_all {
                let recorder = Recorder::new(Start {
                    destination: destination.clone(),
                    sampled: is_sampled,
                    ignored: match ignores_all {
                        true => IgnoredSpans::All,
                        false => self.options.ignored_spans.clone(),
                    },
                    trace_id: context.trace_id,
                    span_id: context.span_id,
                    parent_span_id: context.parent_span_id,
                    source: context.source().clone(),
                    name: name.into_name(),
                    span,
                });
                context.recording = Recording::On(ActiveSpan::of_service(recorder));
            }
        }
    }

    /// Makes the sampling decision of a service span that starts. Returns whether a rule ignores it.
    fn sample<F: FnOnce() -> TransactionName>(
        &self,
        context: &mut TraceContext,
        start: &Undecided<'_, F>,
    ) -> bool {
        let options = &self.options;
        let factor = options.requirements.downsampling.factor();
        let is_ignored = (options.filter.ignores_any_name()
            && options.filter.ignores(start.name.get().as_str(), &options.panics))
            || (options.ignored_spans.are_possible()
                && options.ignored_spans.contain(start.name.get().as_str(), &start.span.attributes));
        let decision = if is_ignored {
            Decision { sampled: Some(false), rate: None }
        } else {
            self.decide(context, start, factor)
        };
        context.sampled = decision.sampled;
        if let Recording::Off(source) = &mut context.recording {
            source.decide(decision, || start.name.get().for_sampling_context());
        }
        if let (Some(destination), Some(false)) = (&options.destination, decision.sampled) {
            let reason = match factor {
                _ if is_ignored => DropReason::Ignored,
                0 => DropReason::SampleRate,
                _ => DropReason::Backpressure,
            };
            destination.sink.receive(Record::Lost(match options.requirements.lifecycle {
                TraceLifecycle::Static => Loss::of_transaction(reason, 0),
                TraceLifecycle::Stream => Loss::of_spans(reason, 1),
            }));
        }
        is_ignored
    }

    fn decide<F: FnOnce() -> TransactionName>(
        &self,
        context: &TraceContext,
        start: &Undecided<'_, F>,
        factor: u32,
    ) -> Decision {
        let sampler = || {
            let sampler = self.options.sampler.as_ref()?;
            let received = context.received_sampling_context();
            let rate = received.and_then(DynamicSamplingContext::sample_rate);
            let span = SamplingContext {
                name: start.name.get().as_str(),
                operation: &start.span.operation,
                trace_id: context.trace_id,
                parent: ParentSampling { sampled: context.sampled, rate, rand: context.sample_rand() },
                attributes: &start.span.attributes,
                request: start.request,
            };
            // What a sampler starts itself is not sampled.
            Callback::Sampler.call(|| sampler(&span)).unwrap_or(Some(0.0))
        };
        let rand = || context.sample_rand();
        decide(start.sampled, sampler, context.sampled, self.options.rate, rand, factor)
    }
}

/// The values of a start on which the decision depends.
struct Undecided<'a, F> {
    span: &'a SpanStart,
    name: &'a LazyName<'a, F>,
    sampled: Option<bool>,
    request: Option<RequestHead<'a>>,
}
