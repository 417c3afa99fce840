//! The tracer: options and sink behind one `Arc`.

use std::fmt;
use std::sync::Arc;

use crate::context::{InjectOptions, TraceContext};
use crate::dsc::OwnConstants;
use crate::id::Dsn;
use crate::policy::{SampleRate, Sampler};
use crate::propagation::Policy;
use crate::record::{CaughtPanics, Limits, TransactionSink};
use crate::sinks::Filter;
use crate::tracer::{Observer, PropagationEvent};

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
    pub(crate) constants: OwnConstants,
    pub(crate) filter: Filter,
    pub(crate) limits: Limits,
    /// Whether the sink also takes what is not sampled.
    pub(crate) takes_unsampled: bool,
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
    /// observer, functions that make a name, predicates of names, and what was [called](Self::catch_panic). Each panic was
    /// caught, also where the thread was unwinding already. A panic of the sampler is not: it is the caller's.
    #[must_use]
    pub fn caught_panics(&self) -> u64 {
        self.options.panics.count()
    }

    /// Calls a callback of the application, for a layer that was given one. Returns `None` if it panicked, which is
    /// [counted](Self::caught_panics).
    pub fn catch_panic<R>(&self, callback: impl FnOnce() -> R) -> Option<R> {
        self.options.panics.catch(callback)
    }

    /// Whether anything is decided or recorded when a transaction starts.
    pub(crate) fn makes_transactions(&self) -> bool {
        self.is_tracing_enabled() || self.options.takes_unsampled
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
    /// [continue it](crate::TracerBuilder::continue_from_env_vars).
    #[must_use]
    pub fn environment_trace(&self) -> Option<&TraceContext> {
        self.options.environment.as_ref()
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
