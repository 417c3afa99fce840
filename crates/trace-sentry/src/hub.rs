//! The hubs of requests, which keep the scopes of different requests separate.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::request_scope::{Options, RequestScope};

/// A layer that serves every request on a hub made from the main hub: while the service is called, in every poll, and
/// in every frame of the response body. It may be inside or outside of the trace layer.
///
/// The hub is made from the main hub, not from the current one, so that scopes do not accumulate from request to
/// request. Only if a request is served within another one's service, as with a second layer of this kind, its hub begins
/// with the scope of that request. What the scope holds at the end of the request is on its transaction: user, tags,
/// contexts and extra. Of streamed spans, each has the user that the scope holds when its batch is sent, and the service
/// span also has those contexts for which Sentry has names of attributes. An attribute that is set on a span takes
/// precedence.
#[derive(Debug, Clone, Copy)]
pub struct HubLayer {
    options: Options,
}

impl HubLayer {
    /// Creates a layer with default options.
    #[must_use]
    pub const fn new() -> Self {
        Self { options: Options { request_data: true, official_spans: false } }
    }

    /// Sets whether events and transactions get the data of the request: method, URL and headers. The default is `true`.
    ///
    /// The URL is without credentials, and `[Filtered]` replaces sensitive values in it and in headers, such as
    /// `authorization`. Cookies and the addresses of persons are replaced, too, unless the client's option
    /// `send_default_pii` is on.
    #[must_use]
    pub const fn request_data(mut self, enable: bool) -> Self {
        self.options.request_data = enable;
        self
    }

    /// Sets whether the scope has a span of the official client with the ids of the current context, so that what code
    /// starts with the client's own functions is on the trace, such as spans of `sentry-tracing` and
    /// `TransactionContext::continue_from_span`. The layer must be inside of the trace layer. The default is `false`,
    /// because few services need it and it costs more than the hub itself.
    ///
    /// Children of that span are not sent. A transaction that continues from it is sent, below the service span.
    #[must_use]
    pub const fn official_spans(mut self, enable: bool) -> Self {
        self.options.official_spans = enable;
        self
    }
}

impl Default for HubLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for HubLayer {
    type Service = HubService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        HubService { inner, options: self.options }
    }
}

/// A service with a hub for every request. Created by [`HubLayer`].
#[derive(Debug, Clone)]
pub struct HubService<S> {
    inner: S,
    options: Options,
}

impl<S, B, R> Service<Request<B>> for HubService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<InHub<R>>;
    type Error = S::Error;
    type Future = HubFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let scope = RequestScope::begin(&request, self.options);
        let inner = scope.run(|| self.inner.call(request));
        HubFuture { inner: InHub::new(inner, scope) }
    }
}

pin_project! {
    /// The future of a service with a hub.
    pub struct HubFuture<F> {
        #[pin]
        inner: InHub<F>,
    }
}

impl<F, R, E> Future for HubFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<InHub<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.project().inner;
        let Some(result) = inner.as_mut().in_hub(|inner| inner.poll(cx)) else { return Poll::Pending };
        let result = ready!(result);
        Poll::Ready(
            result
                .map(|response| response.map(|body| InHub { inner: Some(body), scope: inner.scope.clone() })),
        )
    }
}

pin_project! {
    /// A response body with a hub, current in every frame.
    pub struct InHub<B> {
        // `None` only while it is dropped.
        #[pin]
        inner: Option<B>,
        scope: Option<Arc<RequestScope>>,
    }

    impl<B> PinnedDrop for InHub<B> {
        fn drop(this: Pin<&mut Self>) {
            // A transaction that ends with the drop belongs to the request.
            let mut this = this.project();
            if let Some(scope) = this.scope {
                scope.drop_in(|| this.inner.set(None));
            }
        }
    }
}

impl<B> InHub<B> {
    fn new(inner: B, scope: Arc<RequestScope>) -> Self {
        Self { inner: Some(inner), scope: Some(scope) }
    }

    fn in_hub<R>(self: Pin<&mut Self>, work: impl FnOnce(Pin<&mut B>) -> R) -> Option<R> {
        let this = self.project();
        let inner = this.inner.as_pin_mut()?;
        Some(match this.scope {
            Some(scope) => scope.run(|| work(inner)),
            None => work(inner),
        })
    }
}

/// Creates an empty body, as outer layers do to answer a request themselves. No hub was made for it.
impl<B: Default> Default for InHub<B> {
    fn default() -> Self {
        Self { inner: Some(B::default()), scope: None }
    }
}

impl<B: Body> Body for InHub<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.in_hub(|inner| inner.poll_frame(cx)).unwrap_or(Poll::Ready(None))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map(B::size_hint).unwrap_or_default()
    }
}
