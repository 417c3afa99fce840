//! The future of a response within its exchange.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use trace_core::Outcome;

use crate::body::TracedBody;
use crate::exchange::Exchange;

pin_project! {
    /// The future of a traced service. The context is current in every poll, and is passed on to the response's body.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        // Dropped first, so that the spans within it end before the exchange.
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F> ResponseFuture<F> {
    /// Returns a future within an exchange. Without an exchange, the inner future is only forwarded.
    pub fn new(inner: F, exchange: Option<Exchange>) -> Self {
        Self { inner, exchange }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<TracedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = match this.exchange {
            None => this.inner.poll(cx),
            Some(exchange) if exchange.is_recording() => poll_recorded(this.inner, exchange, cx),
            Some(exchange) => {
                let _running = exchange.enter();
                this.inner.poll(cx)
            }
        };
        let result = ready!(polled);
        let exchange = this.exchange.take();
        Poll::Ready(result.map(|response| response.map(|body| TracedBody::new(body, exchange))))
    }
}

/// Polls the future of a recorded exchange. It is not inlined, so that the more usual path is compiled on its own.
#[inline(never)]
fn poll_recorded<F, B, E>(
    future: Pin<&mut F>,
    exchange: &mut Exchange,
    cx: &mut Context<'_>,
) -> Poll<Result<Response<B>, E>>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    let polled = {
        let _running = exchange.enter();
        future.poll(cx)
    };
    exchange.end_if_overdue();
    match &polled {
        Poll::Ready(Ok(response)) => {
            exchange.on_response(response.status(), response.headers(), response.body());
        }
        Poll::Ready(Err(_)) => exchange.finish(Outcome::Failed),
        Poll::Pending => {}
    }
    polled
}
