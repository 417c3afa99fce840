//! The layer and its options.

use std::sync::Arc;

use http::Uri;
use tower_layer::Layer;
use trace_core::Tracer;

use crate::client_options::Options;
use crate::origin_error::OriginError;
use crate::service::TraceClient;
use crate::targets::{IntoTargets, PropagationTargets, RequestUrl, TargetError};

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

    /// Sets the scheme and host of requests whose URI has no host, such as those of hyper's `SendRequest`, on a Unix
    /// socket, or behind service discovery. Targets, span name and attributes use it, whatever the `Host` header says.
    /// It does not change where a request is sent, nor what is done about a URI that has a host. The path of the origin
    /// is ignored.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::noop();
    /// let layer = trace_client::TraceClientLayer::new(tracer).origin("http://inventory.internal")?;
    /// # Ok::<(), trace_client::OriginError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if this is no URI, or one without a host.
    pub fn origin<U>(mut self, origin: U) -> Result<Self, OriginError>
    where
        U: TryInto<Uri, Error: Into<http::Error>>,
    {
        let origin = origin.try_into().map_err(|error| OriginError::new(Some(error.into())))?;
        if RequestUrl::of(&origin, None).is_none() {
            return Err(OriginError::new(None));
        }
        Arc::make_mut(&mut self.options).origin = Some(origin);
        Ok(self)
    }
}

impl TraceClientLayer {
    /// Returns whether a request to this URI may carry the headers: it is a target, and not the endpoint of the DSN.
    #[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
    pub(crate) fn may_carry(&self, uri: &Uri) -> bool {
        let url = RequestUrl::of(uri, None);
        let is_endpoint = self
            .options
            .tracer
            .dsn()
            .zip(url)
            .is_some_and(|(dsn, url)| dsn.is_endpoint(url.host(), url.path_and_query()));
        self.options.targets.matches(uri) && !is_endpoint
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }
}

impl<S> Layer<S> for TraceClientLayer {
    type Service = TraceClient<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceClient::with_options(inner, self.options.clone())
    }
}
