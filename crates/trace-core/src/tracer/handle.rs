//! The tracer: its options and its sink behind one `Arc`.

use std::fmt;
use std::sync::Arc;

use crate::context::{InjectOptions, TraceContext};
use crate::dsc::OwnConstants;
use crate::id::Dsn;
use crate::policy::SampleRate;
use crate::propagation::Policy;
use crate::record::{CaughtPanics, Destination, IgnoredSpans, Requirements};
use crate::sinks::Filter;
use crate::tracer::{Observer, PropagationEvent, Sampler};

/// The object that continues and starts traces. It is made once per service; clones share everything.
///
/// If no sampling option is set, nothing is recorded, but traces are still propagated.
#[derive(Clone)]
pub struct Tracer {
    pub(crate) options: Arc<Options>,
}

/// The checked options of a [builder](crate::TracerBuilder). The default is that of a disabled tracer.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) dsn: Option<Dsn>,
    pub(crate) policy: Policy,
    pub(crate) rate: Option<SampleRate>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) constants: OwnConstants,
    pub(crate) filter: Filter,
    pub(crate) ignored_spans: IgnoredSpans,
    /// `false` if nothing is recorded or sent on.
    pub(crate) is_enabled: bool,
    pub(crate) requirements: Requirements,
    pub(crate) destination: Option<Arc<Destination>>,
    pub(crate) observer: Option<Observer>,
    pub(crate) panics: CaughtPanics,
    pub(crate) environment: Option<TraceContext>,
}

impl Tracer {
    /// Returns the DSN, if one was given.
    #[must_use]
    pub fn dsn(&self) -> Option<&Dsn> {
        self.options.dsn.as_ref()
    }

    /// Returns whether a sampling option is set. Without one, sampled traces are not recorded.
    #[must_use]
    pub fn is_tracing_enabled(&self) -> bool {
        self.options.rate.is_some() || self.options.sampler.is_some()
    }

    /// Returns how many callbacks of the application have panicked: methods of the sink, `before_send_transaction`,
    /// `before_send_span`, the observer, functions that make a name, predicates of names, and [other
    /// callbacks](Self::catch_panic). Each panic was caught, also if the thread was unwinding already. A panic of the sampler
    /// is not caught.
    #[must_use]
    pub fn caught_panics(&self) -> u64 {
        self.options.panics.count()
    }

    /// Calls a callback of the application for a layer. Returns `None` if it panicked; the panic is
    /// [counted](Self::caught_panics).
    pub fn catch_panic<R>(&self, callback: impl FnOnce() -> R) -> Option<R> {
        self.options.panics.catch(callback)
    }

    /// Returns whether outgoing requests also get a `traceparent`.
    #[must_use]
    pub fn propagates_traceparent(&self) -> bool {
        self.options.policy.w3c.propagate
    }

    /// Returns the options of a request that the service of this tracer sends.
    #[must_use]
    pub fn inject_options(&self) -> InjectOptions<'static> {
        let w3c = self.options.policy.w3c;
        InjectOptions {
            propagate_traceparent: w3c.propagate,
            accept_traceparent: w3c.accept,
            ..InjectOptions::default()
        }
    }

    /// Returns the trace that this process was started with, if the builder was set to [continue
    /// it](crate::TracerBuilder::continue_from_env_vars).
    #[must_use]
    pub fn environment_trace(&self) -> Option<&TraceContext> {
        self.options.environment.as_ref()
    }

    /// Passes an event to the observer, if there is one.
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
