//! `SentryHttpLayer` of `sentry-tower`, kept beside our layers, is told of once, whatever the order and the transport.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::process::Command;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::integrations::tower::SentryHttpLayer;
use sentry::{ClientOptions, Level};
use tower::ServiceExt;
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
/// The variable that makes the test the process that is looked at: its value is a case and a DSN.
const CASE: &str = "CASE_OF_COEXISTENCE";
const WARNING: &str = "trace-sentry: each request is recorded twice";

/// The name, and how often it is told.
const CASES: [(&str, usize); 6] = [
    ("official inside, an error", 1),
    ("official outside, within the hub", 1),
    ("official transport tells nothing", 0),
    ("official inside, our transport", cfg!(feature = "transport") as usize),
    ("official without transactions, an error", 0),
    ("ours alone, an error", 0),
];

#[test]
fn two_layers_that_record_a_request_are_told_of_once() {
    if let Ok(case) = std::env::var(CASE) {
        let (case, dsn) = case.split_once('|').unwrap();
        return serve(case, dsn);
    }
    for (case, expected) in CASES {
        let collector = Collector::open(Answer::Ok);
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "two_layers_that_record_a_request_are_told_of_once", "--nocapture"])
            .env(CASE, format!("{case}|{}", collector.dsn))
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{case}: {told}");
        assert_eq!(told.matches(WARNING).count(), expected, "{case}: {told}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(case: &str, dsn: &str) {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0).add_integration(TraceIntegration);
    let options = if case.ends_with("our transport") { with_our_transport(options) } else { options };
    // A test has a thread of its own, while a program begins on the main hub.
    let client = std::sync::Arc::new(sentry::Client::from_config(sentry::apply_defaults(options)));
    sentry::Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client.clone()).unwrap();
    let captures = case.ends_with("an error");
    let handler = get(async move || {
        if captures {
            sentry::capture_message("out of stock", Level::Error);
        }
        ""
    });
    let (official, hub) = (SentryHttpLayer::new(), HubLayer::new());
    let trace = TraceServerLayer::new(sink.tracer().build().unwrap());
    let routes = Router::new().route("/orders", handler);
    let app = match case {
        "ours alone, an error" => routes.layer(hub).layer(trace),
        "official without transactions, an error" => routes.layer(official).layer(hub).layer(trace),
        "official outside, within the hub" => {
            routes.layer(trace).layer(official.enable_transaction()).layer(hub)
        }
        _ => routes.layer(official.enable_transaction()).layer(hub).layer(trace),
    };
    for _ in 0..3 {
        let request = Request::get("/orders").body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap();
    }
    assert!(sink.close(PATIENCE) && client.close(Some(PATIENCE)));
}

#[cfg(feature = "transport")]
fn with_our_transport(options: ClientOptions) -> ClientOptions {
    options.transport(trace_sentry::Transport::new())
}

/// Without the feature, the case is one more that tells nothing.
#[cfg(not(feature = "transport"))]
fn with_our_transport(options: ClientOptions) -> ClientOptions {
    options
}
