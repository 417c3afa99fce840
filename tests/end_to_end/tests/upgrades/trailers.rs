//! Trailers: a part of the body, in which the trace is current.

use std::convert::Infallible;

use bytes::Bytes;
use end_to_end::{Client, Protocol, Server, current_trace, in_time, recording, sentry_trace, trace_id};
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use tower::{Layer, service_fn};
use trace_core::Outcome;
use trace_server::TraceServerLayer;

#[tokio::test]
async fn the_trace_is_current_where_they_are_made() {
    let (tracer, mut transactions) = recording();
    let service = service_fn(async |_: Request<Incoming>| {
        let data = stream::once(async { Ok::<_, Infallible>(Frame::data(Bytes::from("data"))) });
        let trailers = stream::once(async {
            let value = current_trace().try_into().unwrap();
            Ok(Frame::trailers(HeaderMap::from_iter([("x-trace".parse().unwrap(), value)])))
        });
        Ok::<_, Infallible>(Response::new(StreamBody::new(data.chain(trailers).boxed())))
    });
    let server = Server::start(Protocol::Http2, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(Protocol::Http2, &server).await;
    let request = Request::get("/").header("sentry-trace", sentry_trace(7)).body(()).unwrap();
    let response = client.send(request).await.unwrap();
    let body = in_time("the end", response.into_body().collect()).await.unwrap();
    assert_eq!(body.trailers().unwrap()["x-trace"], trace_id(7));
    assert_eq!(transactions.next().await.outcome, Outcome::Complete);
}
