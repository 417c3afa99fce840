//! The options of a sink, checked when it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sentry_core::Client;
#[cfg(feature = "spotlight")]
use trace_core::CaughtPanics;
use trace_core::TraceLifecycle;

use crate::SentrySink;
use crate::backpressure::{INTERVAL, Unhealthy};
use crate::redacted;
#[cfg(feature = "spotlight")]
use crate::spotlight::{Pipeline, Spotlight, Unusable};

/// The options of a [`SentrySink`], named as in Sentry's documents. All other options of Sentry's SDKs are taken from
/// the client.
#[must_use]
pub struct SentrySinkBuilder {
    pub(crate) client: Arc<Client>,
    pub(crate) lifecycle: TraceLifecycle,
    pub(crate) backpressure: bool,
    pub(crate) unhealthy: Option<Arc<Unhealthy>>,
    /// The interval between two checks of the health.
    pub(crate) interval: Duration,
    #[cfg(feature = "spotlight")]
    spotlight: Spotlight,
}

impl SentrySinkBuilder {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self {
            client,
            lifecycle: TraceLifecycle::Static,
            backpressure: false,
            unhealthy: None,
            interval: INTERVAL,
            #[cfg(feature = "spotlight")]
            spotlight: Spotlight::Off,
        }
    }

    /// Sets whether a service span is sent as one transaction when it has ended, which is the default, or each span on its
    /// own soon after it has ended. The propagation of traces and the sampling are the same.
    ///
    /// In the [streamed](TraceLifecycle::Stream) lifecycle, spans are sent in batches of one trace: after at most five
    /// seconds, when there are 1000, and when their service span ends. So a request that hangs, a response that never
    /// ends, and a process that is killed lose only what has not been sent. There is no limit on the number of spans.
    ///
    /// Some things belong to transactions and have no effect there: [`keep_open`](trace_core::TraceContext::keep_open), since
    /// a span that ends later is sent all the same, [`max_duration`](trace_core::TracerBuilder::max_duration) and
    /// [`idle_timeout`](trace_core::TracerBuilder::idle_timeout),
    /// [`before_send_transaction`](trace_core::TracerBuilder::before_send_transaction),
    /// [`trace_ignore_status_codes`](trace_core::TracerBuilder::trace_ignore_status_codes), and tags and extra, which are not
    /// sent. [`ignore_transactions`](trace_core::TracerBuilder::ignore_transactions) acts on names that are known at the
    /// start.
    pub fn trace_lifecycle(mut self, lifecycle: TraceLifecycle) -> Self {
        self.lifecycle = lifecycle;
        self
    }

    /// Sets whether fewer traces are started while they cannot be delivered. The default is `false`.
    ///
    /// The delivery is checked every ten seconds, outside of the path of requests. Each bad check halves the sampling rates
    /// of this service once more, up to ten times. A good check restores them. A check is bad if the queue to the delivery
    /// thread was full, if the client's transport has not taken what it was given, or knows of a rate limit, or if [another
    /// condition](Self::unhealthy_when) is true. The decision of a caller is always followed.
    pub fn enable_backpressure_handling(mut self, enable: bool) -> Self {
        self.backpressure = enable;
        self
    }

    /// Sets another condition under which too much is sent, which is checked every ten seconds. The client does not
    /// report that its server limits the rate. A transport of the application can, and this condition can ask it. A
    /// panic in the condition is caught and [counted](crate::Statistics::caught_panics), and the condition counts as
    /// false.
    pub fn unhealthy_when(mut self, unhealthy: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.unhealthy = Some(Arc::new(unhealthy));
        self
    }

    /// Sets whether a copy of everything, sampled or not, is also sent to [Spotlight](https://spotlightjs.com), and to
    /// which URL. By default nothing is sent, whatever the variable `SENTRY_SPOTLIGHT` contains. [`Spotlight::FromEnv`]
    /// uses the variable.
    ///
    /// Spotlight is for development, because every transaction is recorded for it. It has a queue and a thread of its
    /// own. Copies that do not fit or cannot be sent are dropped, so that Sentry gets the same data.
    #[cfg(feature = "spotlight")]
    pub fn spotlight(mut self, spotlight: impl Into<Spotlight>) -> Self {
        self.spotlight = spotlight.into();
        self
    }

    /// Checks the options and starts the threads.
    ///
    /// # Errors
    ///
    /// Returns an error if Spotlight's URL, from the option or the variable, is not an `http` URL, or if a thread
    /// cannot be started.
    pub fn build(self) -> Result<SentrySink, BuildError> {
        SentrySink::start(self)
    }

    /// Starts the pipeline to Spotlight, if it is enabled.
    #[cfg(feature = "spotlight")]
    pub(crate) fn open_spotlight(&self, panics: CaughtPanics) -> Result<Option<Pipeline>, BuildError> {
        match self.spotlight.resolve().map_err(|unusable| BuildError(Problem::Option(unusable)))? {
            Some(url) => {
                Ok(Some(Pipeline::open(url, crate::official_options::Identity::of(&self.client), panics)?))
            }
            None => Ok(None),
        }
    }
}

impl fmt::Debug for SentrySinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySinkBuilder")
            .field("dsn", &self.client.dsn().map(redacted::dsn))
            .field("trace_lifecycle", &self.lifecycle)
            .field("enable_backpressure_handling", &self.backpressure)
            .finish_non_exhaustive()
    }
}

/// The error of a sink that cannot be built. The message names the value and the rule, or what is missing.
pub struct BuildError(Problem);

enum Problem {
    NoClient,
    Thread(std::io::Error),
    #[cfg(feature = "spotlight")]
    Option(Unusable),
}

impl BuildError {
    pub(crate) const NO_CLIENT: Self = Self(Problem::NoClient);
}

impl From<std::io::Error> for BuildError {
    fn from(error: std::io::Error) -> Self {
        Self(Problem::Thread(error))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot build sink: ")?;
        match &self.0 {
            Problem::NoClient => f.write_str(
                "no client is bound to the current hub: call sentry::init first, and keep what it returns. If that was \
                 done, the program may have two versions of sentry-core, of which each has its own hubs: `cargo tree \
                 --duplicates` shows them",
            ),
            Problem::Thread(error) => write!(f, "cannot start a thread: {error}"),
            #[cfg(feature = "spotlight")]
            Problem::Option(Unusable { option, value, rule }) => {
                write!(f, "option {option} is {value:?}: {rule}")
            }
        }
    }
}

/// Shows the message, because `main` shows an error that it returns in this form.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Problem::Thread(error) => Some(error),
            Problem::NoClient => None,
            #[cfg(feature = "spotlight")]
            Problem::Option(_) => None,
        }
    }
}
