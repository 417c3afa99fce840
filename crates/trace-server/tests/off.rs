//! A server with tracing, and in builds without it (`--features trace-core/off`): the request is served in both, and
//! has a trace only with tracing.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use tower_service::Service;
use trace_core::{IS_OFF, InMemorySink, TraceContext, TraceId, Tracer};
use trace_server::TraceServer;

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

/// Answers with the current trace in the extensions.
struct Handler;

impl Service<Request<()>> for Handler {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new("an order".to_owned());
        if let Some(current) = TraceContext::current() {
            response.extensions_mut().insert(current.trace_id());
        }
        ready(Ok(response))
    }
}

#[test]
fn a_request_is_served_in_its_trace_unless_tracing_is_off() {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone());
    let mut service = TraceServer::new(Handler, tracer.build().unwrap());
    let request = Request::get("/orders/7").header("sentry-trace", format!("{TRACE}-b72fa28504b07285-1"));

    let mut future = pin!(service.call(request.body(()).unwrap()));
    let Poll::Ready(Ok(response)) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the handler is ready at once");
    };
    let trace = response.extensions().get().map(TraceId::to_string);
    assert_eq!(trace.as_deref(), (!IS_OFF).then_some(TRACE));

    drop(response);
    assert_eq!(sink.take().len(), if IS_OFF { 0 } else { 1 });
}
