//! The options of a sink, checked when it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sentry_core::Client;
#[cfg(feature = "spotlight")]
use trace_core::CaughtPanics;

use crate::SentrySink;
use crate::backpressure::{INTERVAL, Unhealthy};
use crate::redacted;
#[cfg(feature = "spotlight")]
use crate::spotlight::{Pipeline, Spotlight, Unusable};

/// Options of a [`SentrySink`], named as in Sentry's documents. What else Sentry's SDKs are told is taken from the client.
#[must_use]
pub struct SentrySinkBuilder {
    pub(crate) client: Arc<Client>,
    pub(crate) backpressure: bool,
    pub(crate) unhealthy: Option<Arc<Unhealthy>>,
    /// How often the health is looked at.
    pub(crate) interval: Duration,
    #[cfg(feature = "spotlight")]
    spotlight: Spotlight,
}

impl SentrySinkBuilder {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self {
            client,
            backpressure: false,
            unhealthy: None,
            interval: INTERVAL,
            #[cfg(feature = "spotlight")]
            spotlight: Spotlight::Off,
        }
    }

    /// Whether fewer traces are started while they cannot be delivered: off if unset.
    ///
    /// Every ten seconds, off the path of requests, it is looked at whether all is well. If not, the rates of this service
    /// are halved once more, up to ten times; if so, they are whole again. It is not well when the queue to the thread
    /// that delivers was full, when the client has not emptied its own queue within the ten seconds, or when
    /// [another condition](Self::unhealthy_when) holds. A caller's decision is followed as always.
    pub fn enable_backpressure_handling(mut self, enable: bool) -> Self {
        self.backpressure = enable;
        self
    }

    /// Another condition under which too much is sent, asked every ten seconds. The client does not tell when its server
    /// limits the rate; a transport of the application's own can, and is asked so. A panic in it is caught and
    /// [counted](crate::Statistics::caught_panics), and means that the condition does not hold.
    pub fn unhealthy_when(mut self, unhealthy: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.unhealthy = Some(Arc::new(unhealthy));
        self
    }

    /// Whether a copy of everything, sampled or not, is also sent to [Spotlight](https://spotlightjs.com), and where that
    /// is. Unset, nothing is sent, whatever the variable `SENTRY_SPOTLIGHT` says;
    /// [`Spotlight::FromEnv`] follows it.
    ///
    /// It is for development: every transaction is recorded then. It has a queue and a thread of its own, and what does
    /// not fit or cannot be sent is dropped, so that what Sentry gets is the same.
    #[cfg(feature = "spotlight")]
    pub fn spotlight(mut self, spotlight: impl Into<Spotlight>) -> Self {
        self.spotlight = spotlight.into();
        self
    }

    /// Checks the options and starts the threads.
    ///
    /// # Errors
    ///
    /// If Spotlight's URL, by the option or the variable, is not one of http, or if a thread cannot be started.
    pub fn build(self) -> Result<SentrySink, BuildError> {
        SentrySink::start(self)
    }

    /// The way to Spotlight, if it is to be used.
    #[cfg(feature = "spotlight")]
    pub(crate) fn open_spotlight(&self, panics: CaughtPanics) -> Result<Option<Pipeline>, BuildError> {
        match self.spotlight.resolve().map_err(|unusable| BuildError(Problem::Option(unusable)))? {
            Some(url) => Ok(Some(Pipeline::open(url, crate::options::Identity::of(&self.client), panics)?)),
            None => Ok(None),
        }
    }
}

impl fmt::Debug for SentrySinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySinkBuilder")
            .field("dsn", &self.client.dsn().map(redacted::dsn))
            .field("enable_backpressure_handling", &self.backpressure)
            .finish_non_exhaustive()
    }
}

/// A sink could not be built; the message names what was given and what is allowed, or what is missing.
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
                "no client is bound to the current hub: call sentry::init first, and keep what it returns",
            ),
            Problem::Thread(error) => write!(f, "cannot start a thread: {error}"),
            #[cfg(feature = "spotlight")]
            Problem::Option(Unusable { option, value, rule }) => {
                write!(f, "option {option} is {value:?}: {rule}")
            }
        }
    }
}

/// The message, as `main` shows an error that it returns.
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
