//! The hubs of requests, which keep the scopes of different requests separate.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use sentry_core::{Hub, SentryFuture, SentryFutureExt};
use tower_layer::Layer;
use tower_service::Service;

/// A layer that serves every request on a hub made from the main hub: while the service is called, in every poll, and
/// in every frame of the response body. It may be inside or outside of the trace layer.
///
/// The hub is made from the main hub, not from the current one, so that scopes do not accumulate from request to
/// request.
#[derive(Debug, Clone, Copy, Default)]
pub struct HubLayer;

impl<S> Layer<S> for HubLayer {
    type Service = HubService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HubService { inner }
    }
}

/// A service with a hub for every request. Created by [`HubLayer`].
#[derive(Debug, Clone)]
pub struct HubService<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for HubService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<InHub<R>>;
    type Error = S::Error;
    type Future = HubFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let hub = Arc::new(Hub::new_from_top(Hub::main()));
        let inner = Hub::run(hub.clone(), || self.inner.call(request)).bind_hub(hub.clone());
        HubFuture { inner, hub }
    }
}

pin_project! {
    /// The future of a service with a hub.
    pub struct HubFuture<F> {
        #[pin]
        inner: SentryFuture<F>,
        hub: Arc<Hub>,
    }
}

impl<F, R, E> Future for HubFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<InHub<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let hub = this.hub.clone();
        Poll::Ready(result.map(|response| response.map(|inner| InHub { inner, hub })))
    }
}

pin_project! {
    /// A response body with a hub, current in every frame.
    pub struct InHub<B> {
        #[pin]
        inner: B,
        hub: Arc<Hub>,
    }
}

/// Creates an empty body, as outer layers do to answer a request themselves. No hub was made for it.
impl<B: Default> Default for InHub<B> {
    fn default() -> Self {
        Self { inner: B::default(), hub: Hub::current() }
    }
}

impl<B: Body> Body for InHub<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        Hub::run(this.hub.clone(), || this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
