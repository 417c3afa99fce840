//! The service that wraps a client.

#[cfg(feature = "reqwest")]
mod reqwest;

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;
use trace_core::Tracer;
use trace_http::{Exchange, ResponseFuture, TracedBody};

use crate::options::Options;
use crate::outgoing::OutgoingRequest;

#[cfg(feature = "reqwest")]
pub use reqwest::ReqwestFuture;

/// A client that sends each request as part of its trace. Created by [`TraceClientLayer`](crate::TraceClientLayer).
#[derive(Debug, Clone)]
pub struct TraceClient<S> {
    inner: S,
    options: Arc<Options>,
}

impl<S> TraceClient<S> {
    /// Creates a client with default options.
    #[must_use]
    pub fn new(inner: S, tracer: Tracer) -> Self {
        Self::with_options(inner, Arc::new(Options::new(tracer)))
    }

    /// Returns a reference to the wrapped client.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the wrapped client.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the wrapped client.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }

    pub(crate) fn with_options(inner: S, options: Arc<Options>) -> Self {
        Self { inner, options }
    }
}

impl<S, B, R> Service<Request<B>> for TraceClient<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        Exchange::unmark(&mut parts.extensions);
        let outgoing = OutgoingRequest {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            origin: "auto.http.tower_client",
        };
        let mut exchange = outgoing.begin(parts.extensions.get(), &mut parts.headers, &self.options);
        let request = Request::from_parts(parts, body);
        let future = {
            let _running = exchange.as_mut().map(Exchange::enter);
            self.inner.call(request)
        };
        ResponseFuture::new(future, exchange)
    }
}
