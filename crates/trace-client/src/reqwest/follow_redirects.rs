//! A client that follows redirects itself, so that each hop is a request of its own.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::chain::Chain;
use super::library::{Request, Response};
use crate::call_options::CallOptions;
use crate::with_options::WithOptions;

/// A layer that follows redirects by the rules of reqwest, outside of a [`TraceClientLayer`](crate::TraceClientLayer):
/// at each hop the headers are decided anew, and each has a span.
///
/// The `reqwest::Client` must not follow redirects itself: it needs `redirect::Policy::none()`. What differs from
/// reqwest's own following:
///
/// - After the limit, at a redirect that cannot be followed, or at one that repeats a streaming body, the response that
///   redirects is returned. Nothing is an error that would not be one for a single request.
/// - No `Referer` is sent. It would tell the next host path and query of the URL before.
/// - A timeout of the request or of the client applies to each hop.
/// - **`default_headers` of the client are sent to every hop**, also to other hosts, because each hop is a request of its
///   own. Put credentials on the request instead: from there they are removed on another scheme, host or port.
///
/// ```
/// use reqwest::redirect::Policy;
/// use trace_client::{FollowRedirectsLayer, SendTraced, TraceClientLayer};
///
/// # async fn report(layer: TraceClientLayer) -> reqwest::Result<()> {
/// let client = reqwest::Client::builder().redirect(Policy::none()).build()?;
/// let layers = (FollowRedirectsLayer::default(), layer);
/// let report = client.get("http://reports.internal/latest").send_traced(&layers).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FollowRedirectsLayer {
    limit: usize,
}

impl FollowRedirectsLayer {
    /// Creates a layer that follows at most this number of redirects of a request. The default is 10, as in reqwest.
    #[must_use]
    pub fn limited(limit: usize) -> Self {
        Self { limit }
    }

    pub(crate) fn limit(self) -> usize {
        self.limit
    }
}

impl Default for FollowRedirectsLayer {
    fn default() -> Self {
        Self::limited(10)
    }
}

impl<S> Layer<S> for FollowRedirectsLayer {
    type Service = FollowRedirects<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FollowRedirects { inner, limit: self.limit() }
    }
}

/// A service that follows redirects. Created by [`FollowRedirectsLayer`].
#[derive(Debug, Clone)]
pub struct FollowRedirects<S> {
    inner: S,
    limit: usize,
}

impl<S, R> Service<R> for FollowRedirects<S>
where
    R: Into<WithOptions<Request>>,
    S: Service<WithOptions<Request>, Response = Response> + Clone,
{
    type Response = Response;
    type Error = S::Error;
    type Future = FollowFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let WithOptions { request, options } = request.into();
        // The hops after the first may be made where another context is current.
        let options = options.in_current_trace();
        let chain = Chain::new(&request, self.limit);
        let clone = self.inner.clone();
        let mut service = mem::replace(&mut self.inner, clone);
        let future = service.call(WithOptions::new(request, options.clone()));
        FollowFuture { service, chain, options, next: None, future }
    }
}

pin_project! {
    /// The future of [`FollowRedirects`].
    pub struct FollowFuture<S>
    where
        S: Service<WithOptions<Request>>,
    {
        service: S,
        chain: Chain,
        options: CallOptions,
        // The request of the next hop, while the service is not ready for it.
        next: Option<Request>,
        #[pin]
        future: S::Future,
    }
}

impl<S> Future for FollowFuture<S>
where
    S: Service<WithOptions<Request>, Response = Response>,
{
    type Output = Result<Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            if this.next.is_some() {
                ready!(this.service.poll_ready(cx))?;
            }
            if let Some(request) = this.next.take() {
                let request = WithOptions::new(request, this.options.clone());
                this.future.set(this.service.call(request));
            }
            let response = ready!(this.future.as_mut().poll(cx))?;
            match this.chain.follow(&response) {
                Some(request) => *this.next = Some(request),
                None => return Poll::Ready(Ok(response)),
            }
        }
    }
}

impl<S: Service<WithOptions<Request>>> fmt::Debug for FollowFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowFuture").field("chain", &self.chain).finish_non_exhaustive()
    }
}
