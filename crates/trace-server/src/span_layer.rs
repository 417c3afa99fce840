//! A layer that records a span for any service, such as a middleware.

use std::borrow::Cow;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;
use trace_core::{Activity, InTrace, map_current};

/// A layer that records a span for a service, from the call to the answer. It corresponds to Sentry's middleware spans
/// for Express.
///
/// The span is a child of the one that is current at the call. If nothing is recorded, the layer does nothing.
///
/// ```
/// use tower_layer::Layer;
/// use trace_server::SpanLayer;
///
/// # let authentication = ();
/// let traced = SpanLayer::middleware("authentication").layer(authentication);
/// ```
#[derive(Debug, Clone)]
pub struct SpanLayer {
    operation: Cow<'static, str>,
    description: Cow<'static, str>,
}

impl SpanLayer {
    /// Creates a layer whose spans have this operation and description.
    #[must_use]
    pub fn new(operation: impl Into<Cow<'static, str>>, description: impl Into<Cow<'static, str>>) -> Self {
        Self { operation: operation.into(), description: description.into() }
    }

    /// Creates a layer whose spans have the operation `middleware.handle` and the name of a middleware.
    #[must_use]
    pub fn middleware(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new("middleware.handle", name)
    }

    /// Starts a span, if the current context is recorded.
    fn start(&self) -> Option<Activity> {
        map_current(|current| {
            let parent = current.filter(|context| context.is_recording())?;
            let span = parent.start_span(self.operation.clone(), self.description.clone());
            span.context().set_origin("auto.middleware.tower");
            Some(span.into())
        })
    }
}

impl<S> Layer<S> for SpanLayer {
    type Service = SpanService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SpanService { inner, layer: self.clone() }
    }
}

/// A service that records a span for every call. Created by [`SpanLayer`].
#[derive(Debug, Clone)]
pub struct SpanService<S> {
    inner: S,
    layer: SpanLayer,
}

impl<S> SpanService<S> {
    /// Returns a reference to the wrapped service.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the wrapped service.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the wrapped service.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R> Service<R> for SpanService<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = InTrace<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let mut activity = self.layer.start();
        let inner = {
            let _entered = activity.as_mut().map(Activity::enter);
            self.inner.call(request)
        };
        InTrace::new(inner, activity)
    }
}
