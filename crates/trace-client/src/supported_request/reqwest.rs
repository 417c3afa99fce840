//! The requests of `reqwest::Client`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::http::Uri;
use ::reqwest::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;
use trace_core::Outcome;
use trace_http::Exchange;

use super::{Sealed, SupportedRequest};
use crate::client_options::Options;
use crate::outgoing_request::OutgoingRequest;

impl Sealed for Request {}

/// A span ends with the response head.
impl<S> SupportedRequest<S> for Request
where
    S: Service<Self, Response = Response>,
{
    type Response = Response;
    type Future = ReqwestFuture<S::Future>;

    fn send(mut self, client: &mut S, options: &Options) -> Self::Future {
        // A URL that is not a URI cannot be sent, so that the empty path may be matched instead.
        let uri: Uri = self.url().as_str().parse().unwrap_or_default();
        let method = self.method().clone();
        let outgoing = OutgoingRequest {
            method: &method,
            uri: &uri,
            version: self.version(),
            origin: "auto.http.reqwest",
        };
        let mut exchange = outgoing.begin(None, self.headers_mut(), options);
        let inner = {
            let _running = exchange.as_mut().map(Exchange::enter);
            client.call(self)
        };
        ReqwestFuture { inner, exchange }
    }
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
        match &result {
            Ok(response) => {
                exchange.respond(response.status());
                exchange.finish(Outcome::Complete);
            }
            Err(_) => exchange.finish(Outcome::Failed),
        }
        Poll::Ready(result)
    }
}
