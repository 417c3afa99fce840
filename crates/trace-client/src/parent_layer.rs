//! The layer that makes the current context the parent of a request, where it enters a client.

use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::call_options::CallOptions;

/// A layer for the outer side of a client: the context that is current when a request enters becomes its parent.
///
/// Layers such as `tower::buffer`, `balance` and `spawn_ready` call the service within them from a task of their own,
/// where no context is current. Inside of them stands a [`TraceClientLayer`](crate::TraceClientLayer), outside of them
/// this layer. It also lets the attempts of a layer that retries or hedges be counted.
///
/// The parent is in the request's extensions, in its [`CallOptions`]. A `reqwest::Request` has none that can be read, so
/// round `reqwest::Client` stands a `ReqwestService`, which takes `http::Request`s.
///
/// ```
/// use tower::ServiceBuilder;
/// use trace_client::{ParentLayer, TraceClientLayer};
/// # let tracer = trace_core::Tracer::noop();
/// # let client = tower::service_fn(async |request: http::Request<String>| {
/// #     Ok::<_, tower::BoxError>(http::Response::new(request.into_body()))
/// # });
/// # tokio::runtime::Runtime::new()?.block_on(async {
///
/// let client = ServiceBuilder::new()
///     .layer(ParentLayer::new())
///     .buffer(64)
///     .layer(TraceClientLayer::new(tracer))
///     .service(client);
/// # fn takes(_: impl tower::Service<http::Request<String>>) {}
/// # takes(client);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ParentLayer;

impl ParentLayer {
    /// Creates the layer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for ParentLayer {
    type Service = ParentService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ParentService { inner }
    }
}

/// A service that makes the current context the parent of each request. Created by [`ParentLayer`].
#[derive(Debug, Clone)]
pub struct ParentService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for ParentService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let extensions = request.extensions_mut();
        let options: CallOptions = extensions.remove().unwrap_or_default();
        extensions.insert(options.in_current_trace().counted());
        self.inner.call(request)
    }
}
