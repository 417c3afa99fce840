//! The service.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use http_body::Body;
use tower_service::Service;
use trace_core::Tracer;
use trace_core::http::{Exchange, ResponseFuture, TracedBody};

use crate::head::RequestHead;
use crate::options::Options;

/// A service that serves each request in its trace. Made by [`TraceServerLayer`](crate::TraceServerLayer).
#[derive(Debug, Clone)]
pub struct TraceServer<S> {
    inner: S,
    options: Arc<Options>,
}

impl<S> TraceServer<S> {
    /// The service with default options.
    #[must_use]
    pub fn new(inner: S, tracer: Tracer) -> Self {
        Self::with_options(inner, Arc::new(Options::new(tracer)))
    }

    pub(crate) fn with_options(inner: S, options: Arc<Options>) -> Self {
        Self { inner, options }
    }

    fn begin<B>(&self, request: &mut Request<B>) -> Option<Exchange> {
        if trace_core::IS_OFF {
            return None;
        }
        let options = &*self.options;
        let mut exchange = Exchange::server(&options.tracer, request, || {
            let is_sent = *request.method() != Method::OPTIONS || options.trace_options_requests;
            let (head, protocol) = RequestHead::with_protocol(request);
            is_sent.then(|| (protocol.operation(), move || head.transaction_name(protocol, options)))
        });
        if let Some(context) = exchange.as_ref().and_then(Exchange::context).filter(|it| it.is_recording()) {
            let (head, protocol) = RequestHead::with_protocol(request);
            context.set_origin(protocol.origin());
            context.set_attributes(head.attributes(options));
        }
        if let Some(exchange) = &mut exchange {
            exchange.mark(request.extensions_mut());
        }
        exchange
    }
}

impl<S, B, R> Service<Request<B>> for TraceServer<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    #[inline]
    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let mut exchange = self.begin(&mut request);
        let future = {
            let _running = exchange.as_mut().map(Exchange::enter);
            self.inner.call(request)
        };
        ResponseFuture::new(future, exchange)
    }
}
