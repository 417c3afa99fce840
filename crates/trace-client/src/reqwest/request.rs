//! The requests of `reqwest::Client`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::Uri;
use pin_project_lite::pin_project;
use tower_service::Service;
use trace_core::Outcome;
use trace_http::Exchange;

use super::library::{Request, Response};
use super::response;
use crate::call_options::CallOptions;
use crate::client_options::Options;
use crate::outgoing_request::OutgoingRequest;
use crate::supported_request::{Sealed, SupportedRequest};

impl Sealed for Request {}

/// A span ends with the response body.
impl<S> SupportedRequest<S> for Request
where
    S: Service<Self, Response = Response>,
{
    type Response = Response;
    type Future = ReqwestFuture<S::Future>;

    fn send(self, client: &mut S, options: &Options) -> Self::Future {
        ReqwestFuture::send(client, self, None, options)
    }
}

/// Writes or withholds the headers. Returns the exchange if the request is recorded.
pub(crate) fn begin(
    request: &mut Request,
    call: Option<&CallOptions>,
    options: &Options,
) -> Option<Exchange> {
    // A URL that is not a URI cannot be sent, so that the empty path may be matched instead.
    let uri: Uri = request.url().as_str().parse().unwrap_or_default();
    let method = request.method().clone();
    let (version, origin) = (request.version(), "auto.http.reqwest");
    let outgoing = OutgoingRequest { method: &method, uri: &uri, version, origin, call };
    outgoing.begin(None, request.headers_mut(), options)
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

    /// Sends a request.
    pub(super) fn send<S>(
        client: &mut S,
        mut request: Request,
        call: Option<&CallOptions>,
        options: &Options,
    ) -> Self
    where
        S: Service<Request, Future = F>,
    {
        let mut exchange = begin(&mut request, call, options);
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
