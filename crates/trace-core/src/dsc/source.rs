//! The origin of a trace and of its dynamic sampling context.

use std::borrow::Cow;
use std::sync::Arc;

use crate::dsc::{CallerContext, DynamicSamplingContext, FixedContext, OpenContext, OwnConstants};
use crate::id::TraceId;
use crate::policy::{
    AdoptedContext, Continuation, ContinuedFrom, Decision, NewTrace, SampleRand, SampleRate,
};
use crate::wire::tracestate::W3cState;

/// The origin of a trace and of its dynamic sampling context. It is the same for all work of a trace in one service.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A caller's context, which never changes. Additions of this service are kept separately, so that the incoming
    /// text is sent on as the very same value.
    Caller {
        caller: CallerContext,
        /// The rate of this service, if it made the decision.
        own_rate: Option<SampleRate>,
    },
    /// A context of this service that cannot change any more.
    Fixed(Beginning, FixedContext),
    /// A context of this service that freezes when it first leaves the process.
    Open(Beginning, Arc<OpenContext>),
}

/// The reason why the sampling context of a trace begins here.
#[derive(Debug, Clone)]
pub(crate) enum Beginning {
    /// The trace begins here.
    New(NewTrace),
    /// The caller is no Sentry SDK: it sent only a `traceparent`.
    Traceparent { context: AdoptedContext, w3c: Option<Arc<W3cState>> },
}

impl Beginning {
    fn continuation(&self) -> Continuation {
        match self {
            Self::New(reason) => Continuation::New(*reason),
            Self::Traceparent { context, .. } => {
                Continuation::Continued { from: ContinuedFrom::Traceparent, sampling_context: *context }
            }
        }
    }
}

impl Source {
    /// Returns the source of a new trace without a tracer's options.
    pub(crate) fn without_options(trace_id: TraceId) -> Self {
        let constants = OwnConstants::new(None, None, None, "production");
        let context = FixedContext::new(trace_id, SampleRand::of_trace(trace_id), &constants, None);
        Self::Fixed(Beginning::New(NewTrace::Started), context)
    }

    pub(crate) fn continuation(&self, trace_id: TraceId) -> Continuation {
        match self {
            Self::Caller { caller, .. } => caller.continuation(trace_id),
            Self::Fixed(beginning, _) | Self::Open(beginning, _) => beginning.continuation(),
        }
    }

    /// Returns the values of an accepted `traceparent` besides its ids.
    pub(crate) fn w3c(&self) -> Option<&W3cState> {
        match self {
            Self::Caller { caller, .. } => caller.w3c(),
            Self::Fixed(Beginning::Traceparent { w3c, .. }, _)
            | Self::Open(Beginning::Traceparent { w3c, .. }, _) => w3c.as_deref(),
            Self::Fixed(Beginning::New(_), _) | Self::Open(Beginning::New(_), _) => None,
        }
    }

    pub(crate) fn sample_rand(&self, trace_id: TraceId) -> SampleRand {
        match self {
            Self::Caller { caller, .. } => caller.sample_rand(trace_id),
            Self::Fixed(..) | Self::Open(..) => SampleRand::of_trace(trace_id),
        }
    }

    /// Returns the context that the caller sent, without changes.
    pub(crate) fn received_context(&self, trace_id: TraceId) -> Option<&DynamicSamplingContext> {
        match self {
            Self::Caller { caller, .. } => Some(caller.context(trace_id)),
            Self::Fixed(..) | Self::Open(..) => None,
        }
    }

    /// Returns the context that is sent on, and freezes it.
    pub(crate) fn dynamic_sampling_context(&self, trace_id: TraceId) -> Cow<'_, DynamicSamplingContext> {
        match self {
            Self::Open(_, open) => Cow::Borrowed(open.freeze()),
            Self::Fixed(_, fixed) => Cow::Borrowed(fixed.context()),
            Self::Caller { caller, own_rate } => {
                let context = caller.context(trace_id);
                let added_rand = caller.added_rand(trace_id);
                if own_rate.is_none() && added_rand.is_none() {
                    return Cow::Borrowed(context);
                }
                // If the caller's context is empty, its values are unknown: only the number is added, not the rate.
                let rate = own_rate.filter(|_| !context.is_empty());
                Cow::Owned(context.with(rate, added_rand))
            }
        }
    }

    /// Returns the rate of this service, if it made the decision.
    pub(crate) fn own_rate(&self) -> Option<SampleRate> {
        match self {
            Self::Caller { own_rate, .. } => *own_rate,
            Self::Fixed(..) => None,
            Self::Open(_, open) => open.own_rate(),
        }
    }

    /// Freezes the dynamic sampling context. A caller's context never changes.
    pub(crate) fn freeze(&self) {
        if let Self::Open(_, open) = self {
            open.freeze();
        }
    }

    /// Notes the decision of this service, and the name of its transaction as far as it is known.
    pub(crate) fn decide(&mut self, decision: Decision, name: impl FnOnce() -> Option<String>) {
        match self {
            Self::Caller { own_rate, .. } => *own_rate = decision.rate,
            // The tracer has no sampling option.
            Self::Fixed(..) => {}
            Self::Open(_, open) => open.decide(decision, name()),
        }
    }

    /// Notes the new name of the transaction. Only an open context contains it.
    pub(crate) fn rename(&self, name: impl FnOnce() -> Option<String>) {
        if let Self::Open(_, open) = self {
            open.rename(name());
        }
    }
}
