//! A client with tracing, and in builds without it (`--features trace-core/off`): the request is sent in both, and
//! carries a trace only with tracing.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use tower_service::Service;
use trace_client::TraceClient;
use trace_core::{IS_OFF, Tracer};

/// Answers with the headers of the request.
struct Echo;

impl Service<Request<()>> for Echo {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let mut response = Response::new("an order".to_owned());
        *response.headers_mut() = request.headers().clone();
        ready(Ok(response))
    }
}

#[test]
fn a_request_carries_its_trace_unless_tracing_is_off() {
    let tracer = Tracer::builder().release("shop@1.4.0").build().unwrap();
    let mut client = TraceClient::new(Echo, tracer);
    let request = Request::get("http://inventory.internal/").header("baggage", "theirs=1");

    let mut future = pin!(client.call(request.body(()).unwrap()));
    let Poll::Ready(Ok(response)) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the echo is ready at once");
    };
    let headers = response.headers();
    let baggage = headers["baggage"].to_str().unwrap();
    assert_eq!(headers.contains_key("sentry-trace"), !IS_OFF);
    assert_eq!(baggage.contains("sentry-release=shop%401.4.0"), !IS_OFF);
    assert!(baggage.starts_with("theirs=1"), "{baggage}");
}
