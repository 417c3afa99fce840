//! Layers of `sentry-tower` and `sentry-tracing`, kept beside ours, are told of once, whatever the order and the transport.

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
use tracing_subscriber::prelude::*;

const PATIENCE: Duration = Duration::from_secs(10);
/// The variable that makes the test the process that is looked at: its value is a case and a DSN.
const CASE: &str = "CASE_OF_COEXISTENCE";
const TWICE: &str = "trace-sentry: each request is recorded twice";
const STRAYS: &str = "trace-sentry: sentry-tracing sends spans";
/// Only our transport sees what the official client sends.
const SEEN: usize = cfg!(feature = "transport") as usize;

/// The name, and how often each is told.
const CASES: [(&str, [usize; 2]); 8] = [
    ("official inside, an error", [1, 0]),
    ("official outside, within the hub", [1, 0]),
    ("official transport tells nothing", [0, 0]),
    ("official inside, our transport", [SEEN, 0]),
    ("spans of tracing, our transport", [0, SEEN]),
    ("spans of tracing below official spans, our transport", [0, 0]),
    ("official without transactions, an error", [0, 0]),
    ("ours alone, an error", [0, 0]),
];

#[test]
fn layers_beside_ours_are_told_of_once() {
    if let Ok(case) = std::env::var(CASE) {
        let (case, dsn) = case.split_once('|').unwrap();
        return serve(case, dsn);
    }
    for (case, expected) in CASES {
        let collector = Collector::open(Answer::Ok);
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "layers_beside_ours_are_told_of_once", "--nocapture"])
            .env(CASE, format!("{case}|{}", collector.dsn))
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{case}: {told}");
        let times = [TWICE, STRAYS].map(|warning| told.matches(warning).count());
        assert_eq!(times, expected, "{case}: {told}");
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
    if case.starts_with("spans of tracing") {
        tracing_subscriber::registry().with(sentry::integrations::tracing::SpanLayer::default()).init();
    }
    let handler = get(async move || {
        let _span = tracing::info_span!("load").entered();
        if captures {
            sentry::capture_message("out of stock", Level::Error);
        }
        ""
    });
    let official = SentryHttpLayer::new();
    let hub = HubLayer::new().official_spans(case.contains("official spans"));
    let trace = TraceServerLayer::new(sink.tracer().build().unwrap());
    let routes = Router::new().route("/orders", handler);
    let app = match case {
        _ if case.starts_with("spans of tracing") => routes.layer(hub).layer(trace),
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
