//! The requests of `reqwest::Client`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::Uri;
use pin_project_lite::pin_project;
use tower_service::Service;
use trace_core::{Outcome, TraceContext};
use trace_http::Exchange;

use super::library::{Request, Response};
use super::response;
use crate::call_options::CallOptions;
use crate::client_options::Options;
use crate::outgoing_request::OutgoingRequest;
use crate::parent_layer::CarryOptions;
use crate::supported_request::{Sealed, SupportedRequest};
use crate::with_options::WithOptions;

impl Sealed for Request {}
impl Sealed for WithOptions<Request> {}

/// A span ends with the response body.
impl<S> SupportedRequest<S> for Request
where
    S: Service<Self, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ReqwestFuture<S::Future>;

    fn poll_ready(client: &mut S, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        client.poll_ready(cx)
    }

    fn send(mut self, client: &mut S, options: &Options) -> Self::Future {
        let exchange = begin(&mut self, None, None, options);
        ReqwestFuture::call(client, self, exchange)
    }
}

/// A span ends with the response body.
impl<S> SupportedRequest<S> for WithOptions<Request>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ReqwestFuture<S::Future>;

    fn poll_ready(client: &mut S, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        client.poll_ready(cx)
    }

    fn send(self, client: &mut S, options: &Options) -> Self::Future {
        let Self { mut request, options: call } = self;
        let exchange = begin(&mut request, None, Some(&call), options);
        ReqwestFuture::call(client, request, exchange)
    }
}

impl CarryOptions for Request {
    type Carrier = WithOptions<Self>;

    fn carry(self, change: impl FnOnce(CallOptions) -> CallOptions) -> WithOptions<Self> {
        WithOptions::new(self, change(CallOptions::new()))
    }
}

impl CarryOptions for WithOptions<Request> {
    type Carrier = Self;

    fn carry(self, change: impl FnOnce(CallOptions) -> CallOptions) -> Self {
        Self { options: change(self.options), ..self }
    }
}

impl WithOptions<Request> {
    /// Returns a copy for another attempt; `None` if the body is a stream.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        Some(Self::new(self.request.try_clone()?, self.options.clone()))
    }
}

/// Writes or withholds the headers. Returns the exchange if the request is recorded.
pub(crate) fn begin(
    request: &mut Request,
    parent: Option<&TraceContext>,
    call: Option<&CallOptions>,
    options: &Options,
) -> Option<Exchange> {
    // A URL that is not a URI cannot be sent, so that the empty path may be matched instead.
    let uri: Uri = request.url().as_str().parse().unwrap_or_default();
    let method = request.method().clone();
    let (version, origin) = (request.version(), "auto.http.reqwest");
    let outgoing = OutgoingRequest { method: &method, uri: &uri, version, origin, call };
    outgoing.begin(parent, request.headers_mut(), options)
}

pin_project! {
    /// The future of a traced `reqwest::Client`.
    #[derive(Debug)]
    pub struct ReqwestFuture<F> {
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F> ReqwestFuture<F> {
    /// Returns a future within an exchange.
    pub(crate) fn new(inner: F, exchange: Option<Exchange>) -> Self {
        Self { inner, exchange }
    }

    fn call<S>(client: &mut S, request: Request, mut exchange: Option<Exchange>) -> Self
    where
        S: Service<Request, Future = F>,
    {
        let inner = {
            let _running = exchange.as_mut().map(Exchange::enter);
            client.call(request)
        };
        Self::new(inner, exchange)
    }
}

impl<F, E> Future for ReqwestFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(exchange) = this.exchange else {
            return this.inner.poll(cx);
        };
        let polled = {
            let _running = exchange.enter();
            this.inner.poll(cx)
        };
        let result = ready!(polled);
        let exchange = this.exchange.take();
        Poll::Ready(match (result, exchange) {
            (Ok(response), Some(exchange)) => Ok(response::trace(response, exchange)),
            (Err(error), Some(mut exchange)) => {
                exchange.finish(Outcome::Failed);
                Err(error)
            }
            (result, None) => result,
        })
    }
}
