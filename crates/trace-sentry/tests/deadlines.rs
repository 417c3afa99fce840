//! Requests that hang, on real sockets: their transaction is sent when its limit passes, although nothing happens then.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Path;
use axum::{Router, routing::get};
use collector::{Answer, Collector, Envelope};
use sentry::protocol::User;
use sentry::{Client, ClientOptions, Hub};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use trace_core::{TraceContext, TraceLifecycle, TracerBuilder};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

/// Long enough for what a handler does before it hangs, on a loaded machine.
const LIMIT: Duration = Duration::from_millis(500);
const NEVER: Duration = Duration::from_secs(3600);

async fn handler(Path(how): Path<String>) {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User { username: Some("ada".to_owned()), ..User::default() }));
    });
    let context = TraceContext::current().unwrap();
    context.start_span("function", "done").end();
    match how.as_str() {
        "leak" => std::mem::forget(context.keep_open()),
        _ => {
            let _open = context.start_span("function", "hangs");
            pending::<()>().await;
        }
    }
}

fn sink(collector: &Collector, lifecycle: TraceLifecycle) -> SentrySink {
    let options = ClientOptions::new()
        .dsn(collector.dsn.as_str())
        .traces_sample_rate(1.0)
        .add_integration(TraceIntegration);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    SentrySink::builder(client).trace_lifecycle(lifecycle).build().unwrap()
}

/// Serves on a socket and starts a request, which nobody ever polls to its end.
async fn ask(app: Router, path: &str) -> JoinHandle<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{path}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    tokio::spawn(async move {
        let _answer = reqwest::get(url).await;
    })
}

fn facts(envelope: &Envelope) -> (&str, f64, Vec<&str>) {
    let item = &envelope.item;
    let spans = item["spans"].as_array().unwrap().iter();
    let seconds = item["timestamp"].as_f64().unwrap() - item["start_timestamp"].as_f64().unwrap();
    (
        item["contexts"]["trace"]["status"].as_str().unwrap(),
        (seconds * 1000.0).round(),
        spans.map(|span| span["description"].as_str().unwrap()).collect(),
    )
}

/// One test, because the main hub has one client at a time.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_has_to_happen_when_a_limit_passes() {
    let collector = Collector::open(Answer::Ok);
    let sink = sink(&collector, TraceLifecycle::Static);
    type Limits = fn(TracerBuilder) -> TracerBuilder;
    let limit = LIMIT.as_millis() as f64;
    let table: [(&str, &str, Limits, &str, Option<f64>); 3] = [
        ("hangs", "/hang", |it| it.max_duration(LIMIT), "deadline_exceeded", Some(limit)),
        ("is idle", "/hang", |it| it.idle_timeout(LIMIT).max_duration(NEVER), "deadline_exceeded", None),
        ("leaks a guard", "/leak", |it| it.keep_open_limit(LIMIT), "ok", None),
    ];
    for (name, path, limits, status, lasted) in table {
        let tracer = limits(sink.tracer()).build().unwrap();
        let routes = || Router::new().route("/{how}", get(handler));
        let trace = TraceServerLayer::new(tracer);
        let orders = [
            ("the hub inside", routes().layer(HubLayer::new()).layer(trace.clone())),
            ("the hub outside", routes().layer(trace).layer(HubLayer::new())),
        ];
        for (order, app) in orders {
            let request = ask(app, path).await;
            // The envelope is what is waited for: nobody flushes, and nothing polls the request.
            let sent = collector.next("transaction");
            let (found, milliseconds, spans) = facts(&sent);
            assert_eq!((found, spans), (status, vec!["done"]), "{name}, {order}");
            assert!(lasted.is_none_or(|lasted| lasted == milliseconds), "{name}, {order}: {milliseconds}");
            assert_eq!(sent.item["user"]["username"], "ada", "{name}, {order}");
            assert_eq!(sent.item["request"]["method"], "GET", "{name}, {order}");
            request.abort();
        }
    }
    // More at once than wait in the queue to the thread that ends them.
    let tracer = sink.tracer().max_duration(LIMIT).build().unwrap();
    let hanging: Vec<_> = (0..1000).map(|_| tracer.service_span("task", "one of many").start()).collect();
    for number in 0..hanging.len() {
        assert_eq!(collector.next("transaction").item["transaction"], "one of many", "{number}");
    }
    assert_eq!(sink.statistics().dropped, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_spans_of_a_request_that_hangs_are_sent_anyway() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(collector.dsn.as_str()).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    let sink = SentrySink::builder(client).trace_lifecycle(TraceLifecycle::Stream).build().unwrap();
    let tracer = sink.tracer().max_duration(LIMIT).idle_timeout(LIMIT).build().unwrap();
    let app = Router::new().route("/{how}", get(handler)).layer(TraceServerLayer::new(tracer));
    let request = ask(app, "/hang").await;
    let first = collector.next("span").item;
    let names: Vec<_> = first["items"].as_array().unwrap().iter().map(|span| &span["name"]).collect();
    assert_eq!(names, ["done"], "the service span goes on, whatever the limits of transactions");
    request.abort();
}
