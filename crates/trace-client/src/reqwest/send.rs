//! The call that takes the place of `RequestBuilder::send`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_service::Service;
use trace_core::TraceContext;

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
    /// Sends the request when the future is first polled. Its trace is the one that is current then, or, in a task where
    /// none is, the one that is current in this call.
    ///
    /// The future returns the errors of `RequestBuilder::send`. That of the builder, such as an invalid URL, has no span.
    fn send_traced<L: ReqwestLayer>(self, layer: &L) -> SendFuture<L> {
        self.send_traced_with(layer, CallOptions::new())
    }

    /// Sends the request with options for this call.
    fn send_traced_with<L: ReqwestLayer>(self, layer: &L, options: CallOptions) -> SendFuture<L>;
}

impl SendTraced for RequestBuilder {
    fn send_traced_with<L: ReqwestLayer>(self, layer: &L, options: CallOptions) -> SendFuture<L> {
        let (client, request) = self.build_split();
        let (layer, current) = (layer.clone(), TraceContext::current());
        let start = request.map(|request| Start { client, request, layer, options, current });
        SendFuture { start: Some(start), sent: None }
    }
}

/// A request that is yet to be sent.
#[derive(Debug)]
struct Start<L> {
    client: Client,
    request: Request,
    layer: L,
    options: CallOptions,
    /// The context that was current when the future was made.
    current: Option<TraceContext>,
}

impl<L: ReqwestLayer> Start<L> {
    fn send(self) -> L::Future {
        let Self { client, request, layer, options, current } = self;
        let options = options.in_current_trace().or_parent(current);
        layer.send(client, request, options)
    }
}

/// A layer that sends a request by a `reqwest::Client`: a [`TraceClientLayer`], or a
/// [`FollowRedirectsLayer`](super::FollowRedirectsLayer). This trait is sealed.
pub trait ReqwestLayer: Sealed + Clone {
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
    pub struct SendFuture<L: ReqwestLayer> {
        // What there is to send, or the error of the builder.
        start: Option<Result<Start<L>, Error>>,
        #[pin]
        sent: Option<L::Future>,
    }
}

impl<L: ReqwestLayer> Future for SendFuture<L> {
    type Output = Result<Response, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        match this.start.take() {
            Some(Ok(start)) => this.sent.set(Some(start.send())),
            Some(Err(error)) => return Poll::Ready(Err(error)),
            None => {}
        }
        this.sent.as_pin_mut().map_or(Poll::Pending, |sent| sent.poll(cx))
    }
}

impl<L: ReqwestLayer> fmt::Debug for SendFuture<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFuture").finish_non_exhaustive()
    }
}
