//! Errors of a service as events, each once.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::failure::{capture_once, capturing_panics};
use crate::source_error::{Boxed, Kind, Plain, SourceError};

/// A layer that captures what a service fails with: its `Err`, the [`SourceError`] of a response with a status of 500 or
/// more, and its panics.
///
/// An error is captured once: not if the application, or `sentry-tracing`, has already captured it on the same trace, it
/// itself or one of its sources. Errors are the same if their texts are. A panic is left to `sentry-panic` if the client
/// has its integration, which is the default of `sentry`.
///
/// No layer is added by default, because most applications capture their errors where they know most about them, and
/// each `Err` of a service is then an event more. Put it inside of [`HubLayer`](crate::HubLayer) and of the trace layer,
/// so that its events have both.
///
/// ```
/// use axum::{Extension, Router, http::StatusCode, routing::get};
/// use trace_sentry::{ErrorLayer, SourceError};
///
/// async fn order() -> (StatusCode, Extension<SourceError>) {
///     let error = "seventeen".parse::<u64>().unwrap_err();
///     (StatusCode::INTERNAL_SERVER_ERROR, Extension(SourceError::new(error)))
/// }
///
/// let app: Router = Router::new().route("/order", get(order)).layer(ErrorLayer::new());
/// ```
#[derive(Clone, Copy, Default)]
pub struct ErrorLayer<K = Plain> {
    kind: PhantomData<fn() -> K>,
}

impl ErrorLayer {
    /// Creates a layer for services whose errors implement [`Error`](std::error::Error), such as those of axum.
    #[must_use]
    pub const fn new() -> Self {
        Self { kind: PhantomData }
    }
}

impl ErrorLayer<Boxed> {
    /// Creates a layer for services whose errors are boxed, as behind tower's timeouts and buffers.
    #[must_use]
    pub const fn boxed() -> Self {
        Self { kind: PhantomData }
    }
}

impl<S, K> Layer<S> for ErrorLayer<K> {
    type Service = ErrorService<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        ErrorService { inner, kind: PhantomData }
    }
}

/// A service whose errors are captured. Created by [`ErrorLayer`].
pub struct ErrorService<S, K = Plain> {
    inner: S,
    kind: PhantomData<fn() -> K>,
}

impl<S: Clone, K> Clone for ErrorService<S, K> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), kind: PhantomData }
    }
}

impl<S, K, B, R> Service<Request<B>> for ErrorService<S, K>
where
    S: Service<Request<B>, Response = Response<R>>,
    K: Kind<S::Error>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ErrorFuture<S::Future, K>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ErrorFuture { inner: capturing_panics(|| self.inner.call(request)), kind: PhantomData }
    }
}

pin_project! {
    /// The future of a service whose errors are captured.
    pub struct ErrorFuture<F, K> {
        #[pin]
        inner: F,
        kind: PhantomData<fn() -> K>,
    }
}

impl<F, K, R, E> Future for ErrorFuture<F, K>
where
    F: Future<Output = Result<Response<R>, E>>,
    K: Kind<E>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = self.project().inner;
        let polled = capturing_panics(|| inner.poll(cx));
        match &polled {
            Poll::Ready(Err(error)) => capture_once(K::error(error)),
            Poll::Ready(Ok(response)) if response.status().is_server_error() => {
                if let Some(error) = response.extensions().get::<SourceError>() {
                    capture_once(error.get());
                }
            }
            _ => {}
        }
        polled
    }
}

impl<K> fmt::Debug for ErrorLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorLayer").finish()
    }
}

impl<S: fmt::Debug, K> fmt::Debug for ErrorService<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorService").field("inner", &self.inner).finish()
    }
}
