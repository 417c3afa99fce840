//! Bad input: every request is served, and losses are counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions, Hub, Level};
use serde_json::Value;
use tower::ServiceExt;
use trace_core::{Tracer, TransactionName};
use trace_sentry::{SentrySink, Statistics, TraceIntegration};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
const REQUESTS: u64 = 3;

fn client(options: ClientOptions) -> Arc<Client> {
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

async fn serve(tracer: Tracer) {
    let app = Router::new().route("/orders", get(|| async { "served" })).layer(TraceServerLayer::new(tracer));
    for _ in 0..REQUESTS {
        let request = Request::get("/orders").body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "served");
    }
}

#[tokio::test]
async fn requests_are_served_and_counted_whatever_became_of_the_delivery() {
    type Spoil = fn(&SentrySink, &Client);
    type Row = (&'static str, fn() -> ClientOptions, Spoil, [u64; 4]);
    let rate = || ClientOptions::new().traces_sample_rate(1.0);
    let nan = || ClientOptions::new().traces_sampler(|_| f32::NAN);
    // The numbers of handed over, dropped, unsampled and arrived transactions.
    let table: [Row; 5] = [
        ("all is well", rate, |_, _| {}, [REQUESTS, 0, 0, REQUESTS]),
        ("the sink is closed", rate, |sink, _| assert!(sink.close(PATIENCE)), [0, REQUESTS, 0, 0]),
        (
            "it is closed twice",
            rate,
            |sink, _| assert!(sink.close(PATIENCE) && sink.close(PATIENCE)),
            [0, REQUESTS, 0, 0],
        ),
        (
            "the client is closed",
            rate,
            |_, client| assert!(client.close(Some(PATIENCE))),
            [0, REQUESTS, 0, 0],
        ),
        ("the sampler's answer is no number", nan, |_, _| {}, [0, 0, REQUESTS, 0]),
    ];
    for (name, options, spoil, expected) in table {
        let collector = Collector::open(Answer::Ok);
        let client = client(options().dsn(&collector.dsn));
        let sink = SentrySink::new(client.clone()).unwrap();
        let tracer = sink.tracer().build().unwrap();
        spoil(&sink, &client);
        let began = Instant::now();
        serve(tracer).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{name}");
        let _flushed = sink.flush(PATIENCE);
        let Statistics { handed_over, dropped, unsampled, .. } = sink.statistics();
        let arrived = collector.arrived().iter().filter(|envelope| envelope.kind == "transaction").count();
        assert_eq!([handed_over, dropped, unsampled, arrived as u64], expected, "{name}");
    }
}

#[test]
fn flushes_of_a_client_that_never_answers_do_not_gather_threads() {
    let collector = Collector::open(Answer::Never);
    let sink =
        SentrySink::new(client(ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0))).unwrap();
    sink.tracer().build().unwrap().service_span("task", "job").start().end();
    let timeout = Duration::from_millis(50);
    // The queue of the client takes some of the questions. Those that it does not take are left with their threads.
    let refused = (0..100).position(|_| {
        let began = Instant::now();
        assert!(!sink.flush(timeout));
        began.elapsed() < timeout
    });
    assert!(refused.is_some_and(|earlier| earlier >= 16), "{refused:?}");
}

#[test]
fn texts_beyond_the_limits_are_cut() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let client = client(options.add_integration(TraceIntegration));
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let huge = "\u{e9}".repeat(1024 * 1024);
    let name = huge.clone();
    let root = tracer.service_span("task", TransactionName::task(name)).start();
    root.context().set_tag(huge.clone(), huge.clone());
    root.set_attribute(huge.clone(), huge.clone());
    root.context().set_measurement(huge.clone(), 1.0, huge.clone());
    let span = root.start_span(huge.clone(), huge);
    Hub::run(Arc::new(Hub::new(Some(client), Arc::default())), || {
        span.scope(|| sentry::capture_message("out of stock", Level::Error));
    });
    span.end();
    root.end();
    assert!(sink.flush(PATIENCE));
    let event = collector.next("event").item;
    let length = |value: &Value| value.as_str().unwrap().chars().count();
    assert_eq!((length(&event["transaction"]), length(&event["contexts"]["trace"]["op"])), (8192, 200));

    let envelope = collector.next("transaction");
    let item = &envelope.item;
    let length = |text: &str| text.chars().count();
    let value = |value: &Value| length(value.as_str().unwrap());
    let (tag, text) = only(&item["tags"]);
    assert_eq!((length(tag), value(text)), (200, 200));
    let mut data = item["contexts"]["trace"]["data"].clone();
    data.as_object_mut().unwrap().remove("sentry.trace_lifecycle");
    let (attribute, text) = only(&data);
    assert_eq!((length(attribute), value(text)), (200, 8192));
    let (measurement, measured) = only(&item["measurements"]);
    assert_eq!((length(measurement), value(&measured["unit"])), (200, 200));
    let span = &item["spans"][0];
    assert_eq!((value(&span["op"]), value(&span["description"])), (200, 8192));
    assert_eq!(value(&item["transaction"]), 8192);
    // A name that does not fit into a header is only in the transaction.
    assert!(envelope.header["trace"]["trace_id"].is_string());
    assert_eq!(envelope.header["trace"].get("transaction"), None);
}

#[test]
fn options_of_any_length_cost_no_transaction() {
    let huge = || "\n\u{e9}".repeat(1024 * 1024);
    let table = [
        ("release", ClientOptions::new().release(huge())),
        ("environment", ClientOptions::new().environment(huge())),
        ("server_name", ClientOptions::new().server_name(huge())),
    ];
    for (name, options) in table {
        let collector = Collector::open(Answer::Ok);
        let sink = SentrySink::new(client(options.dsn(&collector.dsn).traces_sample_rate(1.0))).unwrap();
        sink.tracer().build().unwrap().service_span("task", "job").start().end();
        assert!(sink.flush(PATIENCE));
        let item = collector.next("transaction").item;
        assert_eq!(item[name].as_str().map(|text| text.chars().count()), Some(8192), "{name}");
    }
}

/// Returns the only entry of an object.
fn only(object: &Value) -> (&String, &Value) {
    let mut entries = object.as_object().unwrap().iter();
    let entry = entries.next().unwrap();
    assert!(entries.next().is_none());
    entry
}

#[test]
fn a_dsn_that_is_none_is_an_error_where_it_is_given() {
    for dsn in ["no DSN", "https://host/1", "https://public@host/", "ftp://public@host/1"] {
        assert!(dsn.parse::<sentry::types::Dsn>().is_err(), "{dsn:?}");
        let message = Tracer::builder().dsn(dsn).build().unwrap_err().to_string();
        assert!(message.contains("option dsn is"), "{message}");
    }
    // An empty DSN disables delivery, as in the client.
    assert_eq!(Tracer::builder().dsn("").build().unwrap().dsn(), None);
}
