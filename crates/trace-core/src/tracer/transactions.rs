//! The start of a transaction: the sampling decision, and the record.

use super::Tracer;
use crate::context::{Recording, Span, TraceContext};
use crate::dsc::DynamicSamplingContext;
use crate::policy::{Decision, ParentSampling, SamplingContext, decide};
use crate::record::{ActiveSpan, DropReason, LazyName, Start, Transaction, TransactionName};

impl Tracer {
    /// Starts the transaction of a context: makes the sampling decision once, and records the transaction if it is
    /// sampled.
    ///
    /// `operation` is a kind of work, such as `queue.process`. `name` is called only if the name is needed.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn start_transaction(
        &self,
        mut context: TraceContext,
        operation: &'static str,
        name: impl FnOnce() -> TransactionName,
    ) -> Span {
        self.begin_transaction(&mut context, operation, name);
        Span::new(context)
    }

    /// Starts the transaction of a context for an owner that ends it itself.
    pub(crate) fn begin_transaction(
        &self,
        context: &mut TraceContext,
        operation: &'static str,
        name: impl FnOnce() -> TransactionName,
    ) {
        // A span of an outer transaction is not part of this one.
        if let Recording::On(outer) = &context.recording {
            context.recording = Recording::Off(outer.transaction().source().clone());
        }
        let name = LazyName::new(name, &self.options.panics);
        if self.is_tracing_enabled() {
            self.sample(context, operation, &name);
        } else {
            context.sampled = context.explicit.or(context.sampled);
        }
        if let Some(sink) = &self.options.sink {
            let is_sampled = self.is_tracing_enabled() && context.sampled == Some(true);
            if is_sampled || self.options.takes_unsampled {
                let transaction = Transaction::new(Start {
                    sink: sink.clone(),
                    limits: self.options.limits,
                    sampled: is_sampled,
                    trace_id: context.trace_id,
                    span_id: context.span_id,
                    parent_span_id: context.parent_span_id,
                    source: context.source().clone(),
                    operation: operation.into(),
                    name: name.into_name(),
                });
                context.recording = Recording::On(ActiveSpan::root(transaction));
            }
        }
    }

    /// Makes the sampling decision of a transaction that starts.
    fn sample<F: FnOnce() -> TransactionName>(
        &self,
        context: &mut TraceContext,
        operation: &str,
        name: &LazyName<'_, F>,
    ) {
        let sink = self.options.sink.as_ref();
        let factor = sink.map_or(0, |sink| sink.downsampling_factor());
        let filter = &self.options.filter;
        let is_ignored =
            filter.ignores_any_name() && filter.ignores(name.get().as_str(), &self.options.panics);
        let decision = if is_ignored {
            Decision { sampled: Some(false), rate: None }
        } else {
            self.decide(context, operation, || name.get().as_str(), factor)
        };
        context.sampled = decision.sampled;
        if let Recording::Off(source) = &mut context.recording {
            source.decide(decision, || name.get().for_sampling_context());
        }
        if let (Some(sink), Some(false)) = (sink, decision.sampled) {
            let reason = match factor {
                _ if is_ignored => DropReason::Ignored,
                0 => DropReason::SampleRate,
                _ => DropReason::Backpressure,
            };
            sink.dropped(reason, 0);
        }
    }

    fn decide<'a>(
        &self,
        context: &TraceContext,
        operation: &str,
        name: impl FnOnce() -> &'a str,
        factor: u32,
    ) -> Decision {
        let sampler = || {
            let sampler = self.options.sampler.as_ref()?;
            let received = context.received_sampling_context();
            let rate = received.and_then(DynamicSamplingContext::sample_rate);
            let parent = ParentSampling { sampled: context.sampled, rate, rand: context.sample_rand() };
            sampler(&SamplingContext { name: name(), operation, parent })
        };
        decide(
            context.explicit,
            sampler,
            context.sampled,
            self.options.rate,
            || context.sample_rand(),
            factor,
        )
    }
}
