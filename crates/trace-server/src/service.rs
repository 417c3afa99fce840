//! The service that wraps a server's service.

use std::cell::LazyCell;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use http_body::Body;
use tower_service::Service;
use trace_core::{ServedRequest, TraceContext, Tracer, map_current};
use trace_http::{Exchange, ResponseFuture, TracedBody};

use crate::incoming_request::IncomingRequest;
use crate::server_future::{Additions, ServerFuture};
use crate::server_options::Options;

/// A service that serves each request as part of its trace. Created by [`TraceServerLayer`](crate::TraceServerLayer).
#[derive(Debug, Clone)]
pub struct TraceServer<S> {
    inner: S,
    options: Arc<Options>,
}

impl<S> TraceServer<S> {
    /// Creates a service with default options.
    #[must_use]
    pub fn new(inner: S, tracer: Tracer) -> Self {
        Self::with_options(inner, Arc::new(Options::new(tracer)))
    }

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

    pub(crate) fn with_options(inner: S, options: Arc<Options>) -> Self {
        Self { inner, options }
    }

    fn begin<B>(&self, request: &mut Request<B>) -> Option<Exchange> {
        if trace_core::IS_OFF {
            return None;
        }
        let options = &*self.options;
        let head = IncomingRequest::of(request);
        let is_sent = *request.method() != Method::OPTIONS || options.trace_options_requests;
        // The route is determined once, and only if it is needed.
        let route = LazyCell::new(|| head.route(options));
        let exchange = Exchange::server(&options.tracer, request, || {
            is_sent.then(|| {
                let name = || head.transaction_name(route.as_deref());
                ServedRequest::new("http.server", name).sampled(head.sampled(options))
            })
        });
        let Some(mut exchange) = exchange else {
            // An outer layer serves the request. The router may have added a route that the outer layer did not know.
            let lacks_route = || map_current(|current| current.is_some_and(TraceContext::lacks_route));
            if is_sent
                && lacks_route()
                && let Some(route) = route.as_deref()
            {
                let (name, template) = (head.name_of_route(route), Some(route.to_owned().into()));
                map_current(|current| current.map(|context| context.set_route(name, template)));
            }
            return None;
        };
        if let Some(context) = exchange.context().filter(|context| context.is_recording()) {
            context.set_origin("auto.http.tower");
            context.set_attributes(head.attributes(route.as_deref(), options));
        }
        #[cfg(feature = "tower-http")]
        exchange.context().into_iter().for_each(crate::make_trace_span::tell_outer);
        exchange.set_grpc_call(request.headers(), || head.path().into_owned());
        exchange.mark(request.extensions_mut());
        Some(exchange)
    }
}

impl<S, B, R> Service<Request<B>> for TraceServer<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = ServerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut exchange = self.begin(&mut request);
        let context = exchange.as_ref().and_then(Exchange::context);
        let additions = Additions::new(&self.options, context, request.headers());
        let future = {
            let _running = exchange.as_mut().map(Exchange::enter);
            self.inner.call(request)
        };
        ServerFuture::new(ResponseFuture::new(future, exchange), additions)
    }
}
