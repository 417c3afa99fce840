//! Traces within a request: new ones that a handler starts, and requests to services in the same process.

use std::convert::Infallible;

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, current_trace, recording, sentry_trace, trace_id};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::{Layer, ServiceExt, service_fn};
use trace_core::TraceExt;
use trace_server::TraceServerLayer;

#[tokio::test]
async fn after_a_new_trace_the_one_of_the_request_comes_back() {
    let (tracer, mut transactions) = recording();
    let service = service_fn({
        let tracer = tracer.clone();
        move |_: Request<Incoming>| {
            let tracer = tracer.clone();
            async move {
                let (blocking, awaiting) = (tracer.start_new_trace(), tracer.start_new_trace());
                let new = [blocking.trace_id().to_string(), awaiting.trace_id().to_string()];
                assert_eq!(blocking.scope(current_trace), new[0]);
                let before = current_trace();
                let later = async {
                    tokio::task::yield_now().await;
                    current_trace()
                };
                assert_eq!(later.in_trace(awaiting).await, new[1]);
                Ok::<_, Infallible>(Response::new(format!("{before} {}", current_trace())))
            }
        }
    });
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(Protocol::Http1, &server).await;

    let text = client.get("/", &[("sentry-trace", &sentry_trace(7))]).await;
    assert_eq!(text, format!("{0} {0}", trace_id(7)));
    drop(client);
    server.close().await;
    assert_eq!(transactions.only().trace_id.to_string(), trace_id(7));
}

#[tokio::test]
async fn a_request_to_a_service_in_the_same_process_is_served_in_the_trace_it_names() {
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let inner: Router = Router::new().route("/inner", get(async || current_trace())).layer(layer.clone());
    let outer = service_fn(move |_: Request<Incoming>| {
        let request = Request::get("/inner").header("sentry-trace", sentry_trace(8));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = inner.clone().oneshot(request);
        async {
            let body = response.await.unwrap().into_body().collect().await.unwrap().to_bytes();
            let inner = String::from_utf8_lossy(&body).into_owned();
            Ok::<_, Infallible>(Response::new(format!("{inner} {}", current_trace())))
        }
    });
    let server = Server::start(Protocol::Http1, layer.layer(outer)).await;
    let client = Client::connect(Protocol::Http1, &server).await;

    let text = client.get("/outer", &[("sentry-trace", &sentry_trace(7))]).await;
    assert_eq!(text, format!("{} {}", trace_id(8), trace_id(7)));
    drop(client);
    server.close().await;
    let ended = transactions.ended();
    let traces: Vec<_> = ended.iter().map(|ended| ended.trace_id.to_string()).collect();
    assert_eq!(traces, [trace_id(8), trace_id(7)]);
    let caller = ended[0].root.parent_span_id.unwrap().to_string();
    assert_eq!(caller, format!("{:016x}", 8));
}
