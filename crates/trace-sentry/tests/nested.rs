//! Two hub layers, as when an application with one nests a router with another: the request has one scope.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions, Hub, Level, configure_scope};
use serde_json::json;
use tower::ServiceExt;
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn what_is_set_between_two_hub_layers_is_kept() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client).unwrap();
    let trace = TraceServerLayer::new(sink.tracer().build().unwrap());
    let handler = async || {
        configure_scope(|scope| scope.set_tag("handler", 1));
        sentry::capture_message("out of stock", Level::Error);
    };
    let between = from_fn(async |request: Request, next: Next| {
        configure_scope(|scope| scope.set_tag("before", 1));
        let response = next.run(request).await;
        configure_scope(|scope| scope.set_tag("after", 1));
        response
    });
    let layered =
        |inner: HubLayer| Router::new().route("/", get(handler)).layer(inner).layer(between.clone());
    let spans = HubLayer::new().official_spans(true);
    let all = json!({ "handler": "1", "before": "1", "after": "1" });
    let early = json!({ "handler": "1", "before": "1" });
    let table = [
        ("inside of the trace", layered(HubLayer::new()).layer(HubLayer::new()).layer(trace.clone()), &all),
        ("with other options", layered(spans).layer(HubLayer::new()).layer(trace.clone()), &early),
        ("on both sides of it", layered(HubLayer::new()).layer(trace).layer(HubLayer::new()), &early),
    ];
    for (name, app, expected) in table {
        let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        response.into_body().collect().await.unwrap();
        assert!(sink.flush(PATIENCE));
        assert_eq!(collector.next("event").item["tags"], early, "{name}");
        assert_eq!(collector.next("transaction").item["tags"], *expected, "{name}");
    }
}
