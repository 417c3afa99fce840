//! The service that wraps `reqwest::Client`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Uri;
use pin_project_lite::pin_project;
use reqwest::{Request, Response};
use tower_service::Service;
use trace_core::Outcome;
use trace_http::Exchange;

use super::TraceClient;
use crate::outgoing::OutgoingRequest;

/// Sends each request as part of its trace. A span ends with the response head.
impl<S> Service<Request> for TraceClient<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ReqwestFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        // A URL that is not a URI cannot be sent, so that the empty path may be matched instead.
        let uri: Uri = request.url().as_str().parse().unwrap_or_default();
        let method = request.method().clone();
        let outgoing = OutgoingRequest {
            method: &method,
            uri: &uri,
            version: request.version(),
            origin: "auto.http.reqwest",
        };
        let mut exchange = outgoing.begin(None, request.headers_mut(), &self.options);
        let inner = {
            let _running = exchange.as_mut().map(Exchange::enter);
            self.inner.call(request)
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
