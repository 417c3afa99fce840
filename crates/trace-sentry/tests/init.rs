//! The setup in a service that already calls `sentry::init`: one more line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::{ClientOptions, Hub, Level};
use tower::ServiceExt;
use trace_sentry::SentrySink;
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "771a43a4192642f0b136d5159a501700";

async fn order() -> &'static str {
    sentry::capture_message("out of stock", Level::Error);
    "served"
}

#[tokio::test]
async fn the_sink_of_the_running_client_delivers_and_links_errors() {
    // The client does not exist yet. `main` shows an error that it returns by `Debug`.
    let error = SentrySink::of_current_client().unwrap_err();
    let message = "cannot build sink: no client is bound to the current hub: call sentry::init first, and keep what it \
                   returns. If that was done, the program may have two versions of sentry-core, of which each has its \
                   own hubs: `cargo tree --duplicates` shows them";
    assert_eq!((error.to_string().as_str(), format!("{error:?}").as_str()), (message, message));
    assert!(error.source().is_none());
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).release("orders@2.0.3").traces_sample_rate(0.5);
    // A test has its own thread and hub, while a program begins on the main ones.
    let (client, sink) =
        Hub::run(Hub::main(), || (sentry::init(options), SentrySink::of_current_client().unwrap()));

    let layer = TraceServerLayer::new(sink.tracer().build().unwrap());
    let app = Router::new().route("/orders", get(order)).layer(layer);
    let request = Request::get("/orders")
        .header("sentry-trace", format!("{TRACE}-b72fa28504b07285-1"))
        .body(Body::empty())
        .unwrap();
    let response = Hub::run(Hub::main(), || app.oneshot(request)).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "served");
    assert!(sink.close(PATIENCE));
    drop(client);

    let mut arrived = collector.arrived();
    arrived.sort_by_key(|envelope| envelope.kind.clone());
    assert_eq!(
        arrived.iter().map(|envelope| envelope.kind.as_str()).collect::<Vec<_>>(),
        ["event", "transaction"]
    );
    for envelope in &arrived {
        assert_eq!(envelope.item["release"], "orders@2.0.3");
        assert_eq!(envelope.item["contexts"]["trace"]["trace_id"], TRACE);
    }
    assert_eq!(
        arrived[0].item["contexts"]["trace"]["span_id"],
        arrived[1].item["contexts"]["trace"]["span_id"]
    );
}
