//! The service that wraps a client.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;
use trace_core::Tracer;

use crate::client_options::Options;
use crate::supported_request::SupportedRequest;

/// A client that sends each request as part of its trace. Created by [`TraceClientLayer`](crate::TraceClientLayer).
///
/// It is a `Service` for every [`SupportedRequest`] of the client.
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

    pub(crate) fn with_options(inner: S, options: Arc<Options>) -> Self {
        Self { inner, options }
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
}

impl<S, R> Service<R> for TraceClient<S>
where
    S: Service<R>,
    R: SupportedRequest<S>,
{
    type Response = R::Response;
    type Error = S::Error;
    type Future = R::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        request.send(&mut self.inner, &self.options)
    }
}
