//! Handshakes of WebSockets, whose client is a function and not a service.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use trace_core::Outcome;
use trace_http::Exchange;

use crate::layer::TraceClientLayer;
use crate::outgoing_request::OutgoingRequest;

impl TraceClientLayer {
    /// Opens a WebSocket as part of the trace that is current at the call. The request gets or loses the headers as every
    /// other request does; the targets compare `ws` and `wss` as `http` and `https`. The span ends with the answer to the
    /// handshake.
    ///
    /// `connect` sends the request, such as `connect_async` of tokio-tungstenite. It must not follow redirects, because
    /// they would take the headers along; tokio-tungstenite does not.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use trace_client::TraceClientLayer;
    /// # struct Socket;
    /// # async fn connect_async(_: Request<()>) -> Result<(Socket, Response<()>), ()> { Ok((Socket, Response::new(()))) }
    ///
    /// # async fn example(layer: TraceClientLayer, request: Request<()>) -> Result<(), ()> {
    /// // let request = "wss://chat.internal/rooms".into_client_request()?;
    /// let (socket, response) = layer.handshake(request, connect_async).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handshake<B, F, T, R, E>(
        &self,
        request: Request<B>,
        connect: impl FnOnce(Request<B>) -> F,
    ) -> Handshake<F>
    where
        F: Future<Output = Result<(T, Response<R>), E>>,
    {
        let (mut parts, body) = request.into_parts();
        let outgoing = OutgoingRequest {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            origin: "auto.http.websocket",
            call: parts.extensions.get(),
        };
        let mut exchange = outgoing.begin(parts.extensions.get(), &mut parts.headers, self.options());
        let request = Request::from_parts(parts, body);
        let inner = {
            let _running = exchange.as_mut().map(Exchange::enter);
            connect(request)
        };
        Handshake { inner, exchange }
    }
}

pin_project! {
    /// The future of a [handshake](TraceClientLayer::handshake).
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is polled"]
    pub struct Handshake<F> {
        // Dropped first, so that the spans within it end before the exchange.
        #[pin]
        inner: F,
        exchange: Option<Exchange>,
    }
}

impl<F, T, R, E> Future for Handshake<F>
where
    F: Future<Output = Result<(T, Response<R>), E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = {
            let _running = this.exchange.as_mut().map(Exchange::enter);
            this.inner.poll(cx)
        };
        let result = ready!(polled);
        if let Some(mut exchange) = this.exchange.take() {
            match &result {
                Ok((_, response)) => {
                    exchange.respond(response.status());
                    exchange.finish(Outcome::Complete);
                }
                Err(_) => exchange.finish(Outcome::Failed),
            }
        }
        Poll::Ready(result)
    }
}
