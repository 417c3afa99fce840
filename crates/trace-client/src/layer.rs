//! The layer and its options.

use std::sync::Arc;

use tower_layer::Layer;
use trace_core::Tracer;

use crate::options::Options;
use crate::service::TraceClient;
use crate::targets::{PropagationTargets, Target, TargetError};

/// Puts a [`TraceClient`] round a client.
#[derive(Debug, Clone)]
pub struct TraceClientLayer {
    options: Arc<Options>,
}

impl TraceClientLayer {
    /// A layer that puts the headers on every request, except those to the
    /// [endpoint](trace_core::Dsn::is_endpoint) of the tracer's DSN.
    #[must_use]
    pub fn new(tracer: Tracer) -> Self {
        Self { options: Arc::new(Options::new(tracer)) }
    }

    /// Puts the headers only on requests whose URL matches one of these; an empty list sends none. A span is made for
    /// every request all the same.
    ///
    /// ```
    /// use trace_client::{Target, TraceClientLayer};
    /// # let tracer = trace_core::Tracer::builder().build()?;
    ///
    /// let layer = TraceClientLayer::new(tracer.clone())
    ///     .targets([Target::host("inventory.internal"), Target::origin("https://api.example.com")])?;
    /// let silent = TraceClientLayer::new(tracer).targets([])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a target is empty, or is no host, origin, URL prefix, path or regular expression as it says, or is a regular
    /// expression that can match no URL, such as `^/api/`.
    pub fn targets(mut self, targets: impl IntoIterator<Item = Target>) -> Result<Self, TargetError> {
        Arc::make_mut(&mut self.options).targets = PropagationTargets::new(targets)?;
        Ok(self)
    }

    /// Returns the targets, to ask for [warnings](PropagationTargets::warnings) when a service starts.
    #[must_use]
    pub fn propagation_targets(&self) -> &PropagationTargets {
        &self.options.targets
    }

    /// Whether the query of a URL is recorded, with the values of sensitive keys filtered. By default it is not.
    #[must_use]
    pub fn record_query(mut self, record: bool) -> Self {
        Arc::make_mut(&mut self.options).record_query = record;
        self
    }
}

impl<S> Layer<S> for TraceClientLayer {
    type Service = TraceClient<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceClient::with_options(inner, self.options.clone())
    }
}
