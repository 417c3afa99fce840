//! reqwest as a service for the requests of the crate `http`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::library::{Body, Client, Error, Request, Response};

/// A `reqwest::Client` as a `Service<http::Request<B>>`, for layers that need the requests and responses of the crate
/// `http`, such as `tower_http::follow_redirect` and [`ParentLayer`](crate::ParentLayer). It does not trace by itself.
///
/// ```
/// use tower::ServiceBuilder;
/// use trace_client::{ParentLayer, ReqwestService, TraceClientLayer};
///
/// # fn build(layer: TraceClientLayer) -> impl tower::Service<http::Request<reqwest::Body>> {
/// ServiceBuilder::new()
///     .layer(ParentLayer::new())
///     .buffer(64)
///     .layer(layer)
///     .service(ReqwestService::new(reqwest::Client::new()))
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ReqwestService<S = Client> {
    inner: S,
}

impl<S> ReqwestService<S> {
    /// Wraps a client, or a service round one.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner }
    }
}

/// A URI that is no URL, such as one without a host, is an error of the builder.
impl<S, B> Service<http::Request<B>> for ReqwestService<S>
where
    S: Service<Request, Response = Response, Error: From<Error>>,
    B: Into<Body>,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = ReqwestServiceFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        match Request::try_from(request) {
            Ok(request) => ReqwestServiceFuture { inner: Some(self.inner.call(request)), error: None },
            Err(error) => ReqwestServiceFuture { inner: None, error: Some(error.into()) },
        }
    }
}

pin_project! {
    /// The future of [`ReqwestService`].
    #[derive(Debug)]
    pub struct ReqwestServiceFuture<F, E> {
        #[pin]
        inner: Option<F>,
        // The reason why there is nothing to send.
        error: Option<E>,
    }
}

impl<F, E> Future for ReqwestServiceFuture<F, E>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<http::Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => Poll::Ready(ready!(inner.poll(cx)).map(http::Response::from)),
            None => this.error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        }
    }
}
