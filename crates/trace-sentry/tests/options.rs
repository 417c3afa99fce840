//! The options that a tracer takes from the running client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;
use std::sync::{Arc, mpsc};

use axum::http::{Request, Response};
use sentry::{Client, ClientOptions};
use tower::{Layer, ServiceExt, service_fn};
use trace_core::{TraceContext, Tracer, TransactionName};
use trace_sentry::SentrySink;
use trace_server::TraceServerLayer;

const DSN: &str = "http://public@o7.ingest.sentry.io/42";
const TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285";

fn tracer(options: ClientOptions) -> Tracer {
    let client = Arc::new(Client::from_config(options.dsn(DSN)));
    SentrySink::new(client).unwrap().tracer().build().unwrap()
}

/// Returns the context of a transaction, which then ends.
fn context(tracer: &Tracer, context: TraceContext) -> TraceContext {
    tracer
        .service_span("queue.process", TransactionName::task("job"))
        .in_trace(context)
        .start()
        .context()
        .clone()
}

#[test]
fn the_sampling_context_of_a_head_is_the_clients() {
    let options = ClientOptions::new;
    let table = [
        ("the key", options(), "public_key", Some("public")),
        ("no environment", options(), "environment", Some("production")),
        ("an environment", options().environment("staging"), "environment", Some("staging")),
        ("a release", options().release("web@1"), "release", Some("web@1")),
        ("an organization", options().org_id(9.into()), "org_id", Some("9")),
        ("a rate, as it was written", options().traces_sample_rate(0.1), "sample_rate", Some("0.1")),
        ("no sampling", options(), "sample_rate", None),
    ];
    for (name, options, key, expected) in table {
        let tracer = tracer(options);
        let context = context(&tracer, tracer.start_new_trace());
        assert_eq!(context.dynamic_sampling_context().get(key).as_deref(), expected, "{name}");
    }
}

#[test]
fn the_sampler_sees_the_transaction_and_the_callers_decision() {
    let (sender, seen) = mpsc::channel();
    let tracer = tracer(ClientOptions::new().traces_sampler(move |transaction| {
        let (name, operation) = (transaction.name().to_owned(), transaction.operation().to_owned());
        sender.send((name, operation, transaction.sampled())).unwrap();
        1.0
    }));
    for (suffix, decision) in [("", None), ("-1", Some(true)), ("-0", Some(false))] {
        let continued = tracer.continue_trace(&[("sentry-trace", format!("{TRACE}{suffix}"))][..]);
        assert_eq!(context(&tracer, continued).sampled(), Some(true), "{suffix:?}");
        assert_eq!(seen.recv().unwrap(), ("job".to_owned(), "queue.process".to_owned(), decision));
    }
}

#[tokio::test]
async fn the_sampler_sees_the_trace_the_request_and_the_attributes() {
    let (sender, seen) = mpsc::channel();
    let tracer = tracer(ClientOptions::new().traces_sampler(move |transaction| {
        let custom = transaction.custom().cloned().unwrap_or_default();
        sender.send((transaction.trace_id().to_string(), custom)).unwrap();
        1.0
    }));
    let job = tracer.service_span("task", "job").attribute("rows", 3).attribute("queue", "mail").start();
    let (trace_id, custom) = seen.recv().unwrap();
    assert_eq!((trace_id, custom.len()), (job.trace_id().to_string(), 2));
    assert_eq!((&custom["rows"], &custom["queue"]), (&3.into(), &"mail".into()));

    let request = Request::get("/orders?page=2").header("sentry-trace", format!("{TRACE}-1"));
    let request = request.header("x-load-test", "a").header("x-load-test", "b").body(String::new()).unwrap();
    let service = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::new())) });
    TraceServerLayer::new(tracer).layer(service).oneshot(request).await.unwrap();
    let (trace_id, custom) = seen.recv().unwrap();
    assert!(TRACE.starts_with(&trace_id), "{trace_id}");
    assert_eq!((&custom["http.request.method"], &custom["url.path"]), (&"GET".into(), &"/orders".into()));
    assert_eq!(custom["url.query"], "page=2");
    assert_eq!(custom["http.request.header.x-load-test"], "a, b");
}

#[test]
fn a_sampler_whose_answer_is_no_rate_samples_nothing() {
    for answer in [f32::NAN, -1.0, 2.0, f32::INFINITY] {
        let tracer = tracer(ClientOptions::new().traces_sampler(move |_| answer));
        assert_eq!(context(&tracer, tracer.start_new_trace()).sampled(), Some(false), "{answer}");
    }
}

#[test]
fn strict_continuation_is_taken_over() {
    let headers = [
        ("sentry-trace", format!("{TRACE}-1")),
        ("baggage", "sentry-org_id=8,sentry-sampled=true".to_owned()),
    ];
    for strict in [false, true] {
        let options = ClientOptions::new().strict_trace_continuation(strict);
        let continuation = tracer(options).continue_trace(headers.as_slice()).continuation();
        assert!(!continuation.is_continued(), "strict {strict}: {continuation}");
    }
    // If the caller sends no organization, only a strict service starts a new trace.
    for strict in [false, true] {
        let options = ClientOptions::new().org_id(9.into()).strict_trace_continuation(strict);
        let continued = tracer(options).continue_trace(&headers[..1]).continuation().is_continued();
        assert_eq!(continued, !strict);
    }
}
