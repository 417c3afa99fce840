//! The layer and its options.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderName;
use tower_layer::Layer;
use trace_core::{RequestHead, Tracer};

use crate::response_header::ResponseHeader;
use crate::server_options::Options;
use crate::service::TraceServer;

/// A layer that wraps a service in a [`TraceServer`].
#[derive(Debug, Clone)]
pub struct TraceServerLayer {
    options: Arc<Options>,
}

impl TraceServerLayer {
    /// Creates a layer with default options.
    #[must_use]
    pub fn new(tracer: Tracer) -> Self {
        Self { options: Arc::new(Options::new(tracer)) }
    }

    /// Sets the function that returns the route template of a request, such as `/orders/{id}`: a name that many
    /// requests share. It is called before axum's `MatchedPath` is used, which is the fallback if the function returns
    /// `None` or panics. Without any template, the name is the path, of low quality.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use trace_server::TraceServerLayer;
    ///
    /// let layer = TraceServerLayer::new(tracer).route(|request| match request.uri().path() {
    ///     path if path.starts_with("/orders/") => Some("/orders/{id}".into()),
    ///     _ => None,
    /// });
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn route(
        self,
        route: impl Fn(&RequestHead<'_>) -> Option<Cow<'static, str>> + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.route = Some(Arc::new(route)))
    }

    /// Sets whether the query is recorded, with the values of sensitive keys filtered. The default is `false`.
    #[must_use]
    pub fn record_query(self, record: bool) -> Self {
        self.with(|options| options.record_query = record)
    }

    /// Sets whether `OPTIONS` requests are recorded. The default is `false`. Their context is current in either case.
    #[must_use]
    pub fn trace_options_requests(self, trace: bool) -> Self {
        self.with(|options| options.trace_options_requests = trace)
    }

    /// Sets a function that decides whether a request is sampled. It precedes the sampler, the caller's decision and the
    /// rate, which decide if it returns `None` or panics. Without a sampling option of the tracer, nothing is recorded.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().traces_sample_rate(0.1).build()?;
    /// use trace_server::TraceServerLayer;
    ///
    /// let layer = TraceServerLayer::new(tracer).sample(|request| match request.uri().path() {
    ///     "/health" => Some(false),
    ///     _ => request.headers().contains_key("x-trace-this").then_some(true),
    /// });
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn sample(self, sample: impl Fn(&RequestHead<'_>) -> Option<bool> + Send + Sync + 'static) -> Self {
        self.with(|options| options.sample = Some(Arc::new(sample)))
    }

    /// Adds a header to every response, so that the trace of a request can be found with `curl -i`. No header is added by
    /// default: a trace id tells a stranger nothing but is one more thing that a service shows. A header that the service
    /// has set itself stays.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use http::HeaderName;
    /// use trace_server::{ResponseHeader, TraceServerLayer};
    ///
    /// let layer = TraceServerLayer::new(tracer)
    ///     .response_header(HeaderName::from_static("x-trace-id"), ResponseHeader::TraceId)
    ///     .response_header(HeaderName::from_static("x-trace-reason"), ResponseHeader::Continuation);
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn response_header(self, name: HeaderName, value: ResponseHeader) -> Self {
        self.with(|options| options.response_headers.push((name, value)))
    }

    fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(Arc::make_mut(&mut self.options));
        self
    }
}

impl<S> Layer<S> for TraceServerLayer {
    type Service = TraceServer<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TraceServer::with_options(inner, self.options.clone())
    }
}
