//! The tracer: options and sink behind one `Arc`. It joins continuation, sampling and ids into contexts.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

use crate::context::Serving;
use crate::context::Span;
use crate::context::with_current;
use crate::context::{InjectOptions, Recording, TraceContext};
use crate::dsc::{Beginning, Origin};
use crate::dsc::{DynamicSamplingContext, Head, HeadConstants, Undecided};
use crate::id::Dsn;
use crate::id::{SpanId, TraceId};
use crate::policy::NewTrace;
use crate::policy::{Decision, ParentSampling, SampleRand, SampleRate, Sampler, SamplingContext, decide};
use crate::propagation::CallerHeaders;
use crate::propagation::Extract;
use crate::propagation::{Extracted, Policy, Verdict, extract};
use crate::record::ActiveSpan;
use crate::record::CaughtPanics;
use crate::record::{DropReason, TransactionSink};
use crate::record::{LazyName, TransactionName};
use crate::record::{Limits, Start, Transaction};
use crate::sinks::Filter;
use crate::tracer::{Observer, PropagationEvent};
use crate::wire::SentryTrace;

/// Continues and starts traces. Made once per service; clones share everything.
///
/// With no sampling option set nothing is recorded, and propagation works all the same.
#[derive(Clone)]
pub struct Tracer {
    pub(crate) options: Arc<Options>,
}

/// What the [builder](crate::TracerBuilder) was told, checked.
pub(crate) struct Options {
    pub(crate) dsn: Option<Dsn>,
    pub(crate) policy: Policy,
    pub(crate) rate: Option<SampleRate>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) constants: HeadConstants,
    pub(crate) filter: Filter,
    pub(crate) limits: Limits,
    /// Whether the sink also takes what is not sampled.
    pub(crate) records_unsampled: bool,
    pub(crate) sink: Option<Arc<dyn TransactionSink>>,
    pub(crate) observer: Option<Observer>,
    pub(crate) panics: CaughtPanics,
    pub(crate) environment: Option<TraceContext>,
}

impl Tracer {
    /// The DSN, if one was given.
    #[must_use]
    pub fn dsn(&self) -> Option<&Dsn> {
        self.options.dsn.as_ref()
    }

    /// Whether a sampling option is set, without which nothing is recorded.
    #[must_use]
    pub fn is_tracing_enabled(&self) -> bool {
        self.options.rate.is_some() || self.options.sampler.is_some()
    }

    /// Returns how many callbacks of the application have panicked: methods of the sink, `before_send_transaction`, the
    /// observer, functions that make a name, and predicates of names. Each panic was caught, also where the thread was
    /// unwinding already. A panic of the sampler is not: it is the caller's.
    #[must_use]
    pub fn caught_panics(&self) -> u64 {
        self.options.panics.count()
    }

    /// Whether anything is decided or recorded when a transaction starts.
    pub(crate) fn makes_transactions(&self) -> bool {
        self.is_tracing_enabled() || self.options.records_unsampled
    }

    /// Whether outgoing requests also get a `traceparent`.
    #[must_use]
    pub fn propagates_traceparent(&self) -> bool {
        self.options.policy.w3c.propagate
    }

    /// The options of a request that this tracer's service sends.
    #[must_use]
    pub fn inject_options(&self) -> InjectOptions<'static> {
        let w3c = self.options.policy.w3c;
        InjectOptions {
            propagate_traceparent: w3c.propagate,
            accept_traceparent: w3c.accept,
            ..InjectOptions::default()
        }
    }

    /// The trace this process was started with, if the builder was told to
    /// [continue it](crate::TracerBuilder::continue_from_environment).
    #[must_use]
    pub fn environment_trace(&self) -> Option<&TraceContext> {
        self.options.environment.as_ref()
    }

    /// Continues the trace of a carrier, or starts one if there is none to continue; the context tells
    /// [why](TraceContext::continuation). No span is made: the context can be
    /// [scoped](TraceContext::scope) as it is, or a transaction
    /// [started](Self::start_transaction) in it.
    #[must_use]
    pub fn continue_trace(&self, carrier: &(impl Extract + ?Sized)) -> TraceContext {
        let mut context = self.continue_request(&carrier.headers());
        // What came in on the request stays known, since a proxy may copy it to a call of this trace, too.
        with_current(|current| {
            if let Some(current) = current {
                context.caller.add(&current.caller);
            }
        });
        context
    }

    /// The same for a request that is served, whether or not another one is.
    pub(crate) fn continue_request(&self, headers: &HeaderMap) -> TraceContext {
        // Apart, since a context that nobody looks at is made where it is returned.
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
                self.continued(header, caller, Origin::Received { received, own_rate: None })
            }
            Verdict::Adopted { header, context, w3c } => {
                let beginning = Beginning::Traceparent { context, w3c };
                let origin = self.own_origin(header.trace_id, beginning, header.sampled);
                self.continued(header, caller, origin)
            }
        }
    }

    fn continued(&self, header: SentryTrace, caller: CallerHeaders, origin: Origin) -> TraceContext {
        TraceContext {
            trace_id: header.trace_id,
            span_id: SpanId::random(),
            parent_span_id: Some(header.span_id),
            sampled: header.sampled,
            explicit: None,
            caller,
            recording: Recording::Off(origin),
            w3c: self.options.policy.w3c,
            serving: Serving::Nothing,
        }
    }

    /// Which trace headers name as the caller's.
    pub(crate) fn caller_of(&self, headers: &HeaderMap) -> CallerHeaders {
        extract::caller_of(headers, self.options.policy)
    }

    /// Starts a new trace. The one that is current now is current again after the new one's
    /// [scope](TraceContext::scope).
    #[must_use]
    pub fn start_new_trace(&self) -> TraceContext {
        // What came in on the request stays known, since a proxy may copy it to a call of this trace, too.
        let caller = with_current(|current| current.map(|context| context.caller.clone()));
        self.new_trace(NewTrace::Started, caller.unwrap_or_default())
    }

    fn new_trace(&self, reason: NewTrace, caller: CallerHeaders) -> TraceContext {
        let trace_id = TraceId::random();
        TraceContext {
            trace_id,
            span_id: SpanId::random(),
            parent_span_id: None,
            sampled: None,
            explicit: None,
            caller,
            recording: Recording::Off(self.own_origin(trace_id, Beginning::New(reason), None)),
            w3c: self.options.policy.w3c,
            serving: Serving::Nothing,
        }
    }

    /// A sampling context that begins here. `sampled` is the decision of a caller that has none.
    fn own_origin(&self, trace_id: TraceId, beginning: Beginning, sampled: Option<bool>) -> Origin {
        let sample_rand = SampleRand::of_trace(trace_id);
        let constants = &self.options.constants;
        if self.is_tracing_enabled() {
            Origin::Head(beginning, Arc::new(Head::new(trace_id, sample_rand, constants, sampled)))
        } else {
            // No decision and no name will come.
            Origin::Undecided(beginning, Undecided::new(trace_id, sample_rand, constants, sampled))
        }
    }

    /// Starts the transaction of a context: makes the sampling decision, once, and records if it is positive.
    ///
    /// `operation` is such as `queue.process`. `name` is asked only if somebody needs the name.
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

    /// The same for an owner that ends the transaction by itself.
    pub(crate) fn begin_transaction(
        &self,
        context: &mut TraceContext,
        operation: &'static str,
        name: impl FnOnce() -> TransactionName,
    ) {
        // A span of another transaction that it may be in is none of this one's.
        if let Recording::On(outer) = &context.recording {
            context.recording = Recording::Off(outer.transaction().origin().clone());
        }
        let name = LazyName::new(name, &self.options.panics);
        if self.is_tracing_enabled() {
            self.sample(context, operation, &name);
        } else {
            context.sampled = context.explicit.or(context.sampled);
        }
        if let Some(sink) = &self.options.sink {
            let is_sampled = self.is_tracing_enabled() && context.sampled == Some(true);
            if is_sampled || self.options.records_unsampled {
                let transaction = Transaction::new(Start {
                    sink: sink.clone(),
                    limits: self.options.limits,
                    sampled: is_sampled,
                    trace_id: context.trace_id,
                    span_id: context.span_id,
                    parent_span_id: context.parent_span_id,
                    origin: context.origin().clone(),
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
        if let Recording::Off(origin) = &mut context.recording {
            origin.decide(decision, || name.get().for_sampling_context());
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

    /// Tells the observer what was decided, if there is one.
    pub fn observe<'a>(&self, event: impl FnOnce() -> PropagationEvent<'a>) {
        if let Some(observer) = &self.options.observer {
            observer(&event());
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer")
            .field("dsn", &self.options.dsn)
            .field("traces_sample_rate", &self.options.rate)
            .field("has_traces_sampler", &self.options.sampler.is_some())
            .finish_non_exhaustive()
    }
}
