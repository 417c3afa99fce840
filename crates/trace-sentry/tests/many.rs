//! Ten thousand concurrent requests on several threads: no log, metric or error of a handler, a task, a thread or a stream has
//! the ids of another request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::{Router, routing::get};
use futures_util::future::join_all;
use futures_util::stream::once;
use http_body_util::BodyExt;
use sentry::protocol::{Context, Event, Log, Metric, TraceId};
use sentry::{Client, ClientOptions, Hub, Level, logger_info, metrics};
use tokio::task::{spawn, spawn_blocking, yield_now};
use tower::ServiceExt;
use trace_core::{TraceExt, in_current_trace};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

const REQUESTS: usize = 10_000;
/// One in so many is sampled, captures a message, and works on a thread of its own.
const RARE: usize = 50;

/// The numbers of what was captured and of what had the ids of its request.
static CAPTURED: AtomicUsize = AtomicUsize::new(0);
static CORRECT: AtomicUsize = AtomicUsize::new(0);

/// Returns the trace id of a request.
fn trace_id(number: &str) -> String {
    format!("{:032x}", number.parse::<u128>().unwrap() + 1)
}

fn check(number: &str, found: TraceId) {
    CAPTURED.fetch_add(1, Ordering::Relaxed);
    CORRECT.fetch_add(usize::from(found.to_string() == trace_id(number)), Ordering::Relaxed);
}

fn check_event(event: Event<'static>) -> Option<Event<'static>> {
    let Some(Context::Trace(trace)) = event.contexts.get("trace") else { panic!("{event:?}") };
    let number = event.message.as_deref().unwrap();
    assert_eq!(event.tags["number"], number);
    assert!(event.request.as_ref().unwrap().url.as_ref().unwrap().path().ends_with(number));
    check(number, trace.trace_id);
    None
}

fn check_log(log: Log) -> Option<Log> {
    check(&log.body, log.trace_id.unwrap());
    None
}

fn check_metric(metric: Metric) -> Option<Metric> {
    check(&metric.name, metric.trace_id);
    None
}

/// Writes a log and a metric.
fn write(number: &str) {
    logger_info!("{}", number);
    metrics::counter(number.to_owned(), 1).capture();
}

async fn handler(Path(number): Path<String>) -> Body {
    sentry::configure_scope(|scope| scope.set_tag("number", &number));
    yield_now().await;
    write(&number);
    let task = number.clone();
    let late = async move {
        yield_now().await;
        write(&task);
    };
    spawn(late.in_current_trace()).await.unwrap();
    if number.parse::<usize>().unwrap().is_multiple_of(RARE) {
        sentry::capture_message(&number, Level::Error);
        let thread = number.clone();
        spawn_blocking(in_current_trace(move || write(&thread))).await.unwrap();
    }
    Body::from_stream(once(async move {
        yield_now().await;
        write(&number);
        Ok::<_, Infallible>(number)
    }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ids_never_mix() {
    let options = ClientOptions::new()
        .dsn("http://public@127.0.0.1:9/42")
        .traces_sample_rate(1.0)
        .before_send(check_event)
        .before_send_log(check_log)
        .before_send_metric(check_metric)
        .add_integration(TraceIntegration);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client).unwrap();
    let app = Router::new()
        .route("/{number}", get(handler))
        .layer(HubLayer::new())
        .layer(TraceServerLayer::new(sink.tracer().build().unwrap()));
    let requests = (0..REQUESTS).map(|number| {
        let sampled = u8::from(number.is_multiple_of(RARE));
        let header = format!("{}-b72fa28504b07285-{sampled}", trace_id(&number.to_string()));
        let request =
            Request::get(format!("/{number}")).header("host", "a.test").header("sentry-trace", header);
        spawn(app.clone().oneshot(request.body(Body::empty()).unwrap()))
    });
    // All are answered before the first body is read.
    let answers = join_all(requests).await.into_iter().map(|answer| answer.unwrap().unwrap());
    let bodies = answers.map(|answer| spawn(answer.into_body().collect()));
    for (number, body) in join_all(bodies).await.into_iter().enumerate() {
        assert_eq!(body.unwrap().unwrap().to_bytes(), number.to_string());
    }
    // Logs and metrics of the handler, the task and the stream; an event and those of the thread.
    let expected = 6 * REQUESTS + 3 * (REQUESTS / RARE);
    assert_eq!(CAPTURED.load(Ordering::Relaxed), expected);
    assert_eq!(CORRECT.load(Ordering::Relaxed), expected);
}
