//! How often a service allocates.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use end_to_end::recording_with;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower::{Layer, Service, service_fn};
use trace_core::{Tracer, TracerBuilder};
use trace_server::TraceServerLayer;

pub(crate) const REQUESTS: u64 = 100;
pub(crate) const UNSAMPLED: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-0";
pub(crate) const SAMPLED: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";
pub(crate) const BAGGAGE: &str = "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-public_key=abc,\
    sentry-sample_rate=0.5,sentry-sampled=false,sentry-sample_rand=0.750000,sentry-release=shop%401.4.0";

/// A value as hyper makes them: a part of the bytes that it has read, shared.
fn shared(value: &str) -> HeaderValue {
    let value = HeaderValue::from_maybe_shared(Bytes::from(value.to_owned())).unwrap();
    drop(value.clone());
    value
}

pub(crate) fn incoming(headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = Request::get("/orders/17").body(()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, shared(value));
    }
    request
}

pub(crate) fn outgoing() -> Request<()> {
    let mut request = Request::get("http://inventory.test:8080/items/7?size=2").body(()).unwrap();
    *request.headers_mut() = HeaderMap::with_capacity(8);
    request
}

/// Answers without allocating.
pub(crate) async fn bare(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"an order"))))
}

/// Serves a request up to the last byte of its response.
fn serve<S, B>(service: &mut S, request: Request<()>)
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: Body<Error: std::fmt::Debug>,
{
    let cx = &mut Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = pin!(service.call(request)).poll(cx) else { panic!("it is pending") };
    let mut body = pin!(response.into_body());
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(cx) {
        frame.unwrap();
    }
}

/// How often serving allocates, for `REQUESTS` requests.
pub(crate) fn allocations<S, B>(mut service: S, request: impl Fn() -> Request<()>) -> u64
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: Body<Error: std::fmt::Debug>,
{
    // The first request sets up what each thread has once, such as its random numbers.
    serve(&mut service, request());
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    let counted = allocation_counter::measure(|| {
        for request in requests {
            serve(&mut service, request);
        }
    });
    counted.count_total
}

pub(crate) fn tracer(options: TracerBuilder) -> Tracer {
    // With a sink, so that a recorded request would show.
    recording_with(options.dsn("https://abc@o1.ingest.sentry.io/42")).0
}

#[test]
fn the_measure_itself() {
    assert_eq!(allocations(service_fn(bare), || incoming(&[("sentry-trace", SAMPLED)])), 0, "bare service");
    let boxes = service_fn(async |request| bare(*std::hint::black_box(Box::new(request))).await);
    assert_eq!(allocations(boxes, || incoming(&[])), REQUESTS, "a service that allocates once");
    let recorded = TraceServerLayer::new(tracer(Tracer::builder().traces_sample_rate(1.0)));
    let counted = allocations(recorded.layer(service_fn(bare)), || incoming(&[("sentry-trace", SAMPLED)]));
    assert!(counted > REQUESTS, "a recorded request has its price: {counted} for {REQUESTS} requests");
}
