//! A client that follows redirects itself, so that each hop is a request of its own.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::chain::Chain;
use super::library::{Client, Request, Response};
use super::request::ReqwestFuture;
use super::send::{ReqwestLayer, Sealed};
use crate::call_options::CallOptions;
use crate::layer::TraceClientLayer;

/// A [`TraceClientLayer`] that follows redirects by the rules of reqwest: at each hop the headers are decided anew, and
/// each has a span.
///
/// The `reqwest::Client` must not follow redirects itself: it needs `redirect::Policy::none()`. With the feature
/// `reqwest-blocking`, the blocking client takes the same layer. What differs from reqwest's own following:
///
/// - After the limit, at a redirect that cannot be followed, or at one that repeats a streaming body, the response that
///   redirects is returned. Nothing is an error that would not be one for a single request.
/// - No `Referer` is sent. It would tell the next host path and query of the URL before.
/// - A timeout of the request or of the client applies to each hop.
/// - The template of the URL in the [`CallOptions`] names the first hop only.
/// - A `sentry-trace` of your own on the request stays at its scheme, host and port, as credentials do. From there on the
///   headers are decided as if it had not been there.
/// - **`default_headers` of the client are sent to every hop**, also to other hosts, because each hop is a request of its
///   own. Put credentials on the request instead: from there they are removed on another scheme, host or port.
///
/// ```
/// use reqwest::redirect::Policy;
/// use trace_client::{FollowRedirectsLayer, SendTraced, TraceClientLayer};
///
/// # async fn report(layer: TraceClientLayer) -> reqwest::Result<()> {
/// let client = reqwest::Client::builder().redirect(Policy::none()).build()?;
/// let layer = FollowRedirectsLayer::new(layer);
/// let report = client.get("http://reports.internal/latest").send_traced(&layer).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FollowRedirectsLayer {
    layer: TraceClientLayer,
    limit: usize,
}

impl FollowRedirectsLayer {
    /// Creates a layer that follows at most 10 redirects of a request, as reqwest does.
    #[must_use]
    pub fn new(layer: TraceClientLayer) -> Self {
        Self { layer, limit: 10 }
    }

    /// Sets the maximum number of redirects of a request. The default is 10.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Returns the layer of each hop, and the maximum number of redirects.
    pub(crate) fn layer_and_limit(&self) -> (&TraceClientLayer, usize) {
        (&self.layer, self.limit)
    }

    /// Returns the layer of each hop, and the chain that the request begins.
    pub(crate) fn chain(&self, request: &Request) -> (&TraceClientLayer, Chain) {
        let (layer, limit) = self.layer_and_limit();
        (layer, Chain::new(request, limit))
    }
}

impl<S> Layer<S> for FollowRedirectsLayer {
    type Service = FollowRedirects<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FollowRedirects { inner, layer: self.clone() }
    }
}

impl Sealed for FollowRedirectsLayer {}

impl ReqwestLayer for FollowRedirectsLayer {
    type Future = FollowFuture<Client>;

    fn send(&self, client: Client, request: Request, options: CallOptions) -> Self::Future {
        FollowFuture::send(client, request, options, self)
    }
}

/// A client that follows redirects. Created by [`FollowRedirectsLayer`].
#[derive(Debug, Clone)]
pub struct FollowRedirects<S> {
    inner: S,
    layer: FollowRedirectsLayer,
}

impl<S> Service<Request> for FollowRedirects<S>
where
    S: Service<Request, Response = Response> + Clone,
{
    type Response = Response;
    type Error = S::Error;
    type Future = FollowFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone);
        FollowFuture::send(ready, request, CallOptions::new(), &self.layer)
    }
}

pin_project! {
    /// The future of a client that follows redirects.
    pub struct FollowFuture<S>
    where
        S: Service<Request>,
    {
        client: S,
        layer: TraceClientLayer,
        options: CallOptions,
        chain: Chain,
        // The request of the next hop, while the client is not ready for it.
        next: Option<Request>,
        #[pin]
        hop: ReqwestFuture<S::Future>,
    }
}

impl<S: Service<Request>> FollowFuture<S> {
    /// Sends the request of the first hop. The client must be ready.
    fn send(mut client: S, request: Request, options: CallOptions, layer: &FollowRedirectsLayer) -> Self {
        let (layer, chain) = layer.chain(&request);
        // The other hops may be made where another context is current.
        let options = options.followed(&layer.options().tracer);
        let hop = ReqwestFuture::send(&mut client, request, Some(&options), layer.options());
        Self { client, layer: layer.clone(), options, chain, next: None, hop }
    }
}

impl<S> Future for FollowFuture<S>
where
    S: Service<Request, Response = Response>,
{
    type Output = Result<Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if this.next.is_some() {
                ready!(this.client.poll_ready(cx))?;
            }
            if let Some(request) = this.next.take() {
                let (options, layer) = (Some(&*this.options), this.layer.options());
                this.hop.set(ReqwestFuture::send(this.client, request, options, layer));
            }
            let response = ready!(this.hop.as_mut().poll(cx))?;
            match this.chain.follow(&response) {
                Some(request) => {
                    *this.options = mem::take(this.options).of_next_hop();
                    *this.next = Some(request);
                }
                None => return Poll::Ready(Ok(response)),
            }
        }
    }
}

impl<S: Service<Request>> fmt::Debug for FollowFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowFuture").field("chain", &self.chain).finish_non_exhaustive()
    }
}
