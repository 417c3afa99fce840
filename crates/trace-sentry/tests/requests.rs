//! Concurrent requests on one thread: each error carries the trace and span in which it was captured. Scopes never mix,
//! in either order of the layers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector, Envelope};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions, Hub, Level, SentryFutureExt};
use serde_json::Value;
use tokio::task::yield_now;
use tower::ServiceExt;
use trace_core::{TraceContext, TraceExt};
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

const TRACES: [&str; 2] = ["771a43a4192642f0b136d5159a501700", "0af7651916cd43dd8448eb211c80319c"];

/// The place where an error is captured, the operation of the current span, and whether the hub is that of the request.
const PLACES: [(&str, &str, bool); 4] = [
    ("handler", "http.server", true),
    // The task has the trace of the request, but the hub of the thread.
    ("task", "http.server", false),
    ("task with span and hub", "function", true),
    ("body", "http.server", true),
];

/// Lets the other request run, and then captures a message.
async fn capture(place: &'static str) {
    yield_now().await;
    sentry::capture_message(place, Level::Error);
}

async fn handler(Path(number): Path<String>) -> Body {
    sentry::configure_scope(|scope| scope.set_tag("request", &number));
    capture("handler").await;
    tokio::spawn(capture("task").in_current_trace()).await.unwrap();
    let span = TraceContext::current().unwrap().start_span("function", "work");
    let task = capture("task with span and hub").in_span(span).bind_hub(Hub::current());
    tokio::spawn(task).await.unwrap();
    Body::from_stream(futures_util::stream::once(async {
        capture("body").await;
        Ok::<_, Infallible>("chunk")
    }))
}

async fn ask(app: Router, number: usize) {
    let request = Request::get(format!("/{number}"))
        .header("sentry-trace", format!("{}-b72fa28504b07285-1", TRACES[number]))
        .body(Body::empty())
        .unwrap();
    app.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
}

#[tokio::test]
async fn interleaved_requests_keep_to_themselves() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let routes = || Router::new().route("/{number}", get(handler));
    let trace = TraceServerLayer::new(tracer);
    for app in
        [routes().layer(trace.clone()).layer(HubLayer::new()), routes().layer(HubLayer::new()).layer(trace)]
    {
        tokio::join!(ask(app.clone(), 0), ask(app, 1));
        assert!(sink.flush(Duration::from_secs(10)));
        let (events, transactions): (Vec<_>, Vec<_>) =
            collector.arrived().into_iter().partition(|envelope| envelope.kind == "event");
        assert_eq!((events.len(), transactions.len()), (PLACES.len() * TRACES.len(), TRACES.len()));
        for (number, trace_id) in TRACES.iter().enumerate() {
            for (place, operation, has_scope) in PLACES {
                let event = of_trace(&events, trace_id, |event| event["message"] == place);
                let transaction = of_trace(&transactions, trace_id, |_| true);
                let span = span_of_operation(transaction, operation);
                assert_eq!(event["contexts"]["trace"]["span_id"], span["span_id"], "{place}");
                assert_eq!(event["contexts"]["trace"]["parent_span_id"], span["parent_span_id"], "{place}");
                let scope = has_scope.then(|| Value::from(number.to_string()));
                assert_eq!(event["tags"].get("request"), scope.as_ref(), "{place}");
            }
        }
    }
    let is_left = Hub::main().configure_scope(|scope| format!("{scope:?}").contains("\"request\""));
    assert!(!is_left, "a scope of a request reached the main hub");
}

/// Returns the only item of a trace that satisfies the condition.
fn of_trace<'a>(envelopes: &'a [Envelope], trace_id: &str, holds: impl Fn(&Value) -> bool) -> &'a Value {
    let items = envelopes.iter().map(|envelope| &envelope.item);
    let mut found = items.filter(|item| item["contexts"]["trace"]["trace_id"] == trace_id && holds(item));
    let only = found.next().unwrap();
    assert!(found.next().is_none());
    only
}

/// Returns the root or the only child of a transaction.
fn span_of_operation<'a>(transaction: &'a Value, operation: &str) -> &'a Value {
    let (root, child) = (&transaction["contexts"]["trace"], &transaction["spans"][0]);
    if root["op"] == operation { root } else { child }
}
