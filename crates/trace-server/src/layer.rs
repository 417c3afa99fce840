//! The layer and its options.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderName;
use tower_layer::Layer;
use trace_core::headers::{BAGGAGE, SENTRY_TRACE, TRACEPARENT, TRACESTATE};
use trace_core::{RequestHead, Tracer};

use crate::cors;
use crate::response_header::ResponseHeader;
use crate::server_options::Options;
use crate::server_timing::SERVER_TIMING;
use crate::service::TraceServer;
use crate::trusted_proxies::TrustedProxies;

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

    /// Sets whether pages get a `Server-Timing` header, by which Sentry's browser SDK continues the trace of the request
    /// without a change to the page. The default is `false`.
    ///
    /// A page is HTML whose `cache-control` says that no cache may answer with it in the place of the service: `no-store`, or
    /// `private` without a time for which the browser may keep it. Others get no header, because everyone who gets a page
    /// from a cache would be in the same trace. The header stands before what the service has put there itself. Nothing is
    /// added if that names a trace.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use trace_server::TraceServerLayer;
    ///
    /// let layer = TraceServerLayer::new(tracer).server_timing(true);
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn server_timing(self, add: bool) -> Self {
        self.with(|options| options.server_timing = add)
    }

    /// Sets the function that returns the address at the other end of the connection, which is that of the client or of a
    /// proxy. Only the server knows it: with axum it is in the extensions, as `ConnectInfo`.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use std::net::SocketAddr;
    ///
    /// use axum::extract::ConnectInfo;
    /// use trace_server::{TraceServerLayer, TrustedProxies};
    ///
    /// let layer = TraceServerLayer::new(tracer)
    ///     .peer_address(|request| {
    ///         let ConnectInfo(address) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    ///         Some(address.ip())
    ///     })
    ///     .trusted_proxies(TrustedProxies::new(["10.0.0.0/8"])?)
    ///     .record_client_address(true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn peer_address(
        self,
        peer: impl Fn(&RequestHead<'_>) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        self.with(|options| options.peer = Some(Arc::new(peer)))
    }

    /// Sets the proxies that are believed about the client: its address, and the scheme and host that it used. They are
    /// recognized by their [address](Self::peer_address). The default is none, since anybody can send their headers. Only
    /// attributes follow from them, never the trace.
    #[must_use]
    pub fn trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.with(|options| options.trusted_proxies = proxies)
    }

    /// Sets whether the address of the client is recorded, as `client.address`. The default is `false`: it is personal
    /// data. It is the [address of the peer](Self::peer_address), or what [trusted proxies](Self::trusted_proxies) tell.
    #[must_use]
    pub fn record_client_address(self, record: bool) -> Self {
        self.with(|options| options.record_client_address = record)
    }

    /// Returns the names of request headers for a CORS layer: the service's own, and those of a trace, each once. A
    /// browser asks whether it may send them to another origin, and sends nothing at all if one is missing.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use http::header::CONTENT_TYPE;
    /// use tower_http::cors::CorsLayer;
    /// use trace_server::TraceServerLayer;
    ///
    /// let trace = TraceServerLayer::new(tracer);
    /// let cors = CorsLayer::new().allow_headers(trace.cors_allow_headers([CONTENT_TYPE]));
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn cors_allow_headers(&self, own: impl IntoIterator<Item = HeaderName>) -> Vec<HeaderName> {
        let ours = [&SENTRY_TRACE, &BAGGAGE, &TRACEPARENT, &TRACESTATE];
        cors::union(own.into_iter().chain(ours.into_iter().cloned()))
    }

    /// Returns the names of response headers for a CORS layer: the service's own, and those that this layer adds, each
    /// once. Only a script that reads them needs it; Sentry's browser SDK does not.
    ///
    /// ```
    /// # let tracer = trace_core::Tracer::builder().build()?;
    /// use http::HeaderName;
    /// use tower_http::cors::CorsLayer;
    /// use trace_server::{ResponseHeader, TraceServerLayer};
    ///
    /// let name = HeaderName::from_static("x-trace-id");
    /// let trace = TraceServerLayer::new(tracer).response_header(name, ResponseHeader::TraceId);
    /// let cors = CorsLayer::new().expose_headers(trace.cors_expose_headers([]));
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn cors_expose_headers(&self, own: impl IntoIterator<Item = HeaderName>) -> Vec<HeaderName> {
        let timing = self.options.server_timing.then_some(SERVER_TIMING);
        let named = self.options.response_headers.iter().map(|(name, _)| name.clone());
        cors::union(own.into_iter().chain(named).chain(timing))
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
