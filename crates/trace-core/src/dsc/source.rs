//! Where a trace comes from, and with it the dynamic sampling context.

use std::borrow::Cow;
use std::sync::Arc;

use crate::dsc::{CallerContext, DynamicSamplingContext, FixedContext, OpenContext};
use crate::id::TraceId;
use crate::policy::{
    AdoptedContext, Continuation, ContinuedFrom, Decision, NewTrace, SampleRand, SampleRate,
};
use crate::wire::tracestate::W3cState;

/// Where a trace comes from, and with it the dynamic sampling context. It is the same for all work of a trace in one
/// service.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// It is a caller's and never changes. What this service adds to it is kept apart, so that the text that came in is
    /// sent on as the very same value.
    Caller {
        caller: CallerContext,
        /// The rate of this service, if it made the decision.
        own_rate: Option<SampleRate>,
    },
    /// It is ours, and nothing more can become known.
    Fixed(Beginning, FixedContext),
    /// It is ours, and freezes when it first leaves the process.
    Open(Beginning, Arc<OpenContext>),
}

/// Why the sampling context of a trace begins here.
#[derive(Debug, Clone)]
pub(crate) enum Beginning {
    /// The trace does.
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
    pub(crate) fn continuation(&self, trace_id: TraceId) -> Continuation {
        match self {
            Self::Caller { caller, .. } => caller.continuation(trace_id),
            Self::Fixed(beginning, _) | Self::Open(beginning, _) => beginning.continuation(),
        }
    }

    /// What an accepted `traceparent` said besides its ids.
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

    /// What came from the caller, as it came.
    pub(crate) fn received_context(&self, trace_id: TraceId) -> Option<&DynamicSamplingContext> {
        match self {
            Self::Caller { caller, .. } => Some(caller.context(trace_id)),
            Self::Fixed(..) | Self::Open(..) => None,
        }
    }

    /// What is sent on, which is frozen with this.
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
                // An empty context is somebody else's trace: nothing is claimed about it but the number.
                let rate = own_rate.filter(|_| !context.is_empty());
                Cow::Owned(context.with(rate, added_rand))
            }
        }
    }

    /// The rate of this service, if it made the decision.
    pub(crate) fn own_rate(&self, trace_id: TraceId) -> Option<SampleRate> {
        match self {
            Self::Caller { own_rate, .. } => *own_rate,
            _ => self.dynamic_sampling_context(trace_id).sample_rate(),
        }
    }

    /// Freezes the dynamic sampling context. A caller's never changes.
    pub(crate) fn freeze(&self) {
        if let Self::Open(_, open) = self {
            open.freeze();
        }
    }

    /// Notes the decision of this service, and how its transaction is called as far as is known.
    pub(crate) fn decide(&mut self, decision: Decision, name: impl FnOnce() -> Option<String>) {
        match self {
            Self::Caller { own_rate, .. } => *own_rate = decision.rate,
            // It is of a tracer without a sampling option.
            Self::Fixed(..) => {}
            Self::Open(_, open) => open.decide(decision, name()),
        }
    }

    /// Notes how the transaction is called now, of which only an open context tells.
    pub(crate) fn rename(&self, name: impl FnOnce() -> Option<String>) {
        if let Self::Open(_, open) = self {
            open.rename(name());
        }
    }
}
