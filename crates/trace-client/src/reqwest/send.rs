//! The call that takes the place of `RequestBuilder::send`.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::library::{Client, Error, Request, RequestBuilder, Response};
use super::request::ReqwestFuture;
use crate::call_options::CallOptions;
use crate::layer::TraceClientLayer;

/// Sends a request of `reqwest::RequestBuilder` as part of the current trace.
///
/// The client stays a plain `reqwest::Client`. The span ends with the last byte of the response's body.
///
/// ```
/// use trace_client::{CallOptions, SendTraced, TraceClientLayer};
///
/// # async fn orders(client: reqwest::Client, layer: TraceClientLayer) -> reqwest::Result<()> {
/// let order = client.post("http://orders.internal/orders").body("{}").send_traced(&layer).await?;
///
/// let options = CallOptions::new().url_template("/orders/{id}");
/// let order = client.get("http://orders.internal/orders/7").send_traced_with(&layer, options).await?;
/// # Ok(())
/// # }
/// ```
pub trait SendTraced: Sized {
    /// Sends the request. The current trace is that of this call, not that in which the future is polled.
    ///
    /// The future returns the errors of `RequestBuilder::send`. That of the builder, such as an invalid URL, has no span.
    fn send_traced<L: ReqwestLayer>(self, layer: &L) -> SendFuture<L::Future> {
        self.send_traced_with(layer, CallOptions::new())
    }

    /// Sends the request with options for this call.
    fn send_traced_with<L: ReqwestLayer>(self, layer: &L, options: CallOptions) -> SendFuture<L::Future>;
}

impl SendTraced for RequestBuilder {
    fn send_traced_with<L: ReqwestLayer>(self, layer: &L, options: CallOptions) -> SendFuture<L::Future> {
        let (client, request) = self.build_split();
        match request {
            Ok(request) => SendFuture { inner: Some(layer.send(client, request, options)), error: None },
            Err(error) => SendFuture { inner: None, error: Some(error) },
        }
    }
}

/// What sends a request by a `reqwest::Client`: a [`TraceClientLayer`], or a
/// [`FollowRedirectsLayer`](super::FollowRedirectsLayer). This trait is sealed.
pub trait ReqwestLayer: Sealed {
    /// The future of the response.
    type Future: Future<Output = Result<Response, Error>>;

    /// Sends a request.
    #[doc(hidden)]
    fn send(&self, client: Client, request: Request, options: CallOptions) -> Self::Future;
}

/// A layer of this crate. It is not public, so that no other crate implements [`ReqwestLayer`].
pub trait Sealed {}

impl Sealed for TraceClientLayer {}

impl ReqwestLayer for TraceClientLayer {
    type Future = ReqwestFuture<<Client as Service<Request>>::Future>;

    fn send(&self, mut client: Client, request: Request, options: CallOptions) -> Self::Future {
        ReqwestFuture::send(&mut client, request, Some(&options), self.options())
    }
}

pin_project! {
    /// The future of [`SendTraced`].
    #[derive(Debug)]
    pub struct SendFuture<F> {
        #[pin]
        inner: Option<F>,
        // The reason why there is nothing to send.
        error: Option<Error>,
    }
}

impl<F> Future for SendFuture<F>
where
    F: Future<Output = Result<Response, Error>>,
{
    type Output = Result<Response, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.inner.as_pin_mut() {
            Some(inner) => inner.poll(cx),
            None => this.error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
        }
    }
}
