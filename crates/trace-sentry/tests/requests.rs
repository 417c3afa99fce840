//! Requests that run at the same time on one thread: their scopes and errors never mix, in either order of the layers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::{Router, routing::get};
use http_body_util::BodyExt;
use sentry::test::TestTransport;
use sentry::{Client, ClientOptions, Hub, Level};
use tower::ServiceExt;
use trace_core::{InTrace, Tracer};
use trace_sentry::{HubLayer, TraceIntegration};
use trace_server::TraceServerLayer;

const TRACES: [&str; 2] = ["771a43a4192642f0b136d5159a501700", "0af7651916cd43dd8448eb211c80319c"];

/// Says who it is, lets the other request run, and captures an event in the handler, in a spawned task and in the body.
async fn handler(Path(name): Path<String>) -> Body {
    sentry::configure_scope(|scope| scope.set_tag("request", &name));
    tokio::task::yield_now().await;
    sentry::capture_message("handler", Level::Error);
    let task = async { sentry::capture_message("task", Level::Error) };
    tokio::spawn(task.in_current_trace()).await.unwrap();
    let chunk = std::future::poll_fn(move |_| {
        sentry::capture_message("body", Level::Error);
        std::task::Poll::Ready(Some(Ok::<_, std::convert::Infallible>("chunk")))
    });
    Body::from_stream(futures_util::stream::once(async { chunk.await.unwrap() }))
}

async fn ask(app: Router, number: usize) {
    let request = Request::get(format!("/{number}"))
        .header("sentry-trace", format!("{}-b72fa28504b07285-0", TRACES[number]))
        .body(Body::empty())
        .unwrap();
    app.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
}

#[tokio::test]
async fn interleaved_requests_keep_to_themselves() {
    let transport = TestTransport::new();
    let options = ClientOptions::new()
        .dsn("http://public@127.0.0.1:9/1")
        .transport(Arc::new(transport.clone()))
        .add_integration(TraceIntegration);
    Hub::main().bind_client(Some(Arc::new(Client::from_config(options))));
    let trace = || TraceServerLayer::new(Tracer::builder().build().unwrap());
    let routes = || Router::new().route("/{name}", get(handler));
    for app in [routes().layer(trace()).layer(HubLayer), routes().layer(HubLayer).layer(trace())] {
        tokio::join!(ask(app.clone(), 0), ask(app, 1));
        let events = transport.fetch_and_clear_events();
        assert_eq!(events.len(), 6);
        for event in events {
            let sentry::protocol::Context::Trace(trace) = &event.contexts["trace"] else {
                panic!("{event:?}")
            };
            let number = TRACES.iter().position(|id| *id == trace.trace_id.to_string()).unwrap();
            // A spawned task carries the trace; the hub it runs on is the thread's.
            if event.message.as_deref() != Some("task") {
                assert_eq!(event.tags["request"], number.to_string(), "{:?}", event.message);
            }
        }
    }
    let mut leaked = false;
    Hub::main().configure_scope(|scope| leaked = format!("{scope:?}").contains("\"request\""));
    assert!(!leaked, "a scope of a request reached the main hub");
}
