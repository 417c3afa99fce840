//! The layer and its options.

use std::sync::Arc;

use tower_layer::Layer;
use trace_core::Tracer;

use crate::client_options::Options;
use crate::service::TraceClient;
use crate::targets::{IntoTargets, PropagationTargets, TargetError};

/// A layer that wraps a client in a [`TraceClient`].
#[derive(Debug, Clone)]
pub struct TraceClientLayer {
    options: Arc<Options>,
}

impl TraceClientLayer {
    /// Creates a layer that puts the headers on every request, except on requests to the
    /// [endpoint](trace_core::Dsn::is_endpoint) of the tracer's DSN.
    #[must_use]
    pub fn new(tracer: Tracer) -> Self {
        Self { options: Arc::new(Options::new(tracer)) }
    }

    /// Sets the targets: only requests whose URL matches one of them get the headers. With an empty list, no request
    /// gets them. A text in the list is a [substring](crate::Target::substring). The targets do not affect the spans.
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
    /// Returns an error if a target is empty, if its text is not what its kind requires (a host, an origin, a URL
    /// prefix, a path or a regular expression), or if it is a regular expression that cannot match any URL, such as
    /// `^/api/`.
    pub fn targets<Item>(mut self, targets: impl IntoTargets<Item>) -> Result<Self, TargetError> {
        Arc::make_mut(&mut self.options).targets = targets.into_targets()?;
        Ok(self)
    }

    /// Returns the targets. A service can log their [warnings](PropagationTargets::warnings) when it starts.
    #[must_use]
    pub fn propagation_targets(&self) -> &PropagationTargets {
        &self.options.targets
    }

    /// Sets whether the query of a URL is recorded, with the values of sensitive keys filtered. The default is `false`.
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
