//! The bytes that the official transport sends, read from a socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions};
use serde_json::json;
use trace_core::{SamplingContext, SpanStatus, Tracer, TransactionName};
use trace_sentry::{SentrySink, TraceIntegration};

const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "771a43a4192642f0b136d5159a501700";
const BAGGAGE: &str = "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-public_key=49d0f738,\
    sentry-sample_rate=0.25,sentry-release=web%401.0,sentry-replay_id=fd1d1a1d,sentry-odd=a%2Cb,\
    sentry-broken=%2";

fn client(collector: &Collector) -> Arc<Client> {
    let options = ClientOptions::new()
        .dsn(collector.dsn.as_str())
        .release("orders@2.0.3")
        .environment("staging")
        .server_name("host-1")
        .traces_sample_rate(1.0)
        .add_integration(TraceIntegration);
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

fn incoming() -> [(&'static str, String); 2] {
    [("sentry-trace", format!("{TRACE}-b72fa28504b07285-1")), ("baggage", BAGGAGE.to_owned())]
}

#[test]
fn a_transaction_arrives_with_the_sampling_context_of_the_head() {
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector)).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let context = tracer.continue_trace(incoming().as_slice());
    let root = tracer
        .service_span("http.server", TransactionName::route("GET /orders/{id}"))
        .in_trace(context)
        .start();
    root.context().set_tag("customer", "gold");
    root.set_status(SpanStatus::NotFound);
    root.set_attribute("http.response.status_code", 404);
    root.context().set_measurement("memory_used", 12.5, "megabyte");
    let child = root.start_span("db.query", "SELECT 1");
    let earlier = tracer.start_new_trace();
    child.context().add_link(earlier.link().with_attribute("sentry.link.type", "previous_trace"));
    let (root_id, child_id) = (root.span_id().to_string(), child.span_id().to_string());
    child.end();
    root.end();
    assert!(sink.flush(PATIENCE));

    let envelope = collector.next("transaction");
    assert_eq!(
        envelope.header["trace"],
        json!({ "trace_id": TRACE, "public_key": "49d0f738", "sample_rate": "0.25", "release": "web@1.0",
            "replay_id": "fd1d1a1d", "odd": "a,b",
            "sample_rand": envelope.header["trace"]["sample_rand"] })
    );
    assert!(envelope.header["sent_at"].is_string() && envelope.header["event_id"].is_string());
    assert_eq!(envelope.header["sdk"]["name"], "sentry.rust");
    let item = envelope.item;
    assert_eq!(item["event_id"], envelope.header["event_id"]);
    assert_eq!(item["transaction"], "GET /orders/{id}");
    assert_eq!(item["transaction_info"], json!({ "source": "route" }));
    assert_eq!((&item["release"], &item["environment"]), (&json!("orders@2.0.3"), &json!("staging")));
    assert_eq!((&item["server_name"], &item["platform"]), (&json!("host-1"), &json!("native")));
    assert_eq!(item["tags"], json!({ "customer": "gold" }));
    assert_eq!(item["measurements"], json!({ "memory_used": { "value": 12.5, "unit": "megabyte" } }));
    let trace = &item["contexts"]["trace"];
    assert_eq!((&trace["trace_id"], &trace["parent_span_id"]), (&json!(TRACE), &json!("b72fa28504b07285")));
    assert_eq!((&trace["op"], &trace["status"]), (&json!("http.server"), &json!("not_found")));
    assert_eq!(
        trace["data"],
        json!({ "http.response.status_code": 404, "sentry.trace_lifecycle": "static" })
    );
    let span = &item["spans"][0];
    assert_eq!((&span["span_id"], &span["parent_span_id"]), (&json!(child_id), &json!(root_id)));
    assert_eq!(
        (&span["op"], &span["description"], &span["origin"]),
        (&json!("db.query"), &json!("SELECT 1"), &json!("manual"))
    );
    assert_eq!((trace.get("links"), trace.get("description")), (None, None));
    assert_eq!(
        span["links"],
        json!([{ "trace_id": earlier.trace_id().to_string(), "span_id": earlier.span_id().to_string(),
            "attributes": { "sentry.link.type": "previous_trace" } }])
    );
    let times = [&item["start_timestamp"], &span["start_timestamp"], &span["timestamp"], &item["timestamp"]];
    assert!(times.map(|time| time.as_f64().unwrap()).is_sorted(), "{times:?}");
}

#[test]
fn the_trace_header_is_complete_whatever_the_caller_sent() {
    let id = |member: &str| format!("sentry-trace_id={TRACE},{member}");
    let rand = "sentry-sample_rand=0.5";
    type Sampler = fn(&SamplingContext<'_>) -> Option<f64>;
    let (own, callers): (Sampler, Sampler) = (|_| Some(1.0), |_| None);
    // The columns: a name, the members from the caller, our sampler, and what is expected without `sample_rand`: the
    // trace header, and the `baggage` for other services.
    let table = [
        ("a bare caller", String::new(), callers, json!({ "public_key": "public" }), String::new()),
        (
            "a bare caller, own rate",
            String::new(),
            own,
            json!({ "public_key": "public", "sample_rate": "1" }),
            String::new(),
        ),
        (
            "of another trace, own rate",
            "sentry-trace_id=0123456789abcdef0123456789abcdef,sentry-public_key=other".to_owned(),
            own,
            json!({ "public_key": "public", "sample_rate": "1" }),
            String::new(),
        ),
        (
            "no trace id",
            "sentry-public_key=theirs,sentry-sample_rate=0.5".to_owned(),
            callers,
            json!({ "public_key": "theirs", "sample_rate": "0.5" }),
            "sentry-public_key=theirs,sentry-sample_rate=0.5".to_owned(),
        ),
        (
            "no key",
            id("sentry-release=a"),
            callers,
            json!({ "release": "a", "public_key": "public" }),
            id("sentry-release=a"),
        ),
        (
            "an unreadable key",
            id("sentry-public_key=%2"),
            callers,
            json!({ "public_key": "public" }),
            id("sentry-public_key=%2"),
        ),
        (
            "all there, own rate",
            id("sentry-public_key=theirs"),
            own,
            json!({ "public_key": "theirs", "sample_rate": "1" }),
            id("sentry-public_key=theirs,sentry-sample_rate=1"),
        ),
        (
            "empty values",
            id("sentry-public_key="),
            callers,
            json!({ "public_key": "public" }),
            format!("sentry-trace_id={TRACE}"),
        ),
    ];
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector)).unwrap();
    for (name, members, sampler, mut expected, sent_on) in table {
        let tracer = sink.tracer().traces_sampler(sampler).build().unwrap();
        let baggage = if members.is_empty() { members } else { format!("{members},{rand}") };
        let headers = [("sentry-trace", format!("{TRACE}-b72fa28504b07285-1")), ("baggage", baggage)];
        let context = tracer.continue_trace(headers.as_slice());
        let root = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
        let outgoing = root.context().trace_data();
        let outgoing = outgoing.baggage().unwrap_or_default().split(',');
        let others: Vec<_> = outgoing.filter(|member| !member.starts_with("sentry-sample_rand=")).collect();
        assert_eq!(others.join(","), sent_on, "{name}");
        root.end();
        assert!(sink.flush(PATIENCE));
        let header = collector.next("transaction").header;
        expected["trace_id"] = json!(TRACE);
        expected["sample_rand"] = header["trace"]["sample_rand"].clone();
        assert_eq!(header["trace"], expected, "{name}");
        assert!(expected["sample_rand"].is_string(), "{name}");
    }
}

#[test]
fn the_trace_header_tells_the_rate_that_decided_for_a_caller_who_did_not() {
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector)).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let context = tracer.continue_trace(&[("sentry-trace", format!("{TRACE}-b72fa28504b07285"))][..]);
    let root = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
    let rand = root.context().sample_rand().to_string();
    assert_eq!(root.context().trace_data().baggage(), Some(format!("sentry-sample_rand={rand}").as_str()));
    root.end();
    assert!(sink.flush(PATIENCE));
    let expected =
        json!({ "trace_id": TRACE, "public_key": "public", "sample_rate": "1", "sample_rand": rand });
    assert_eq!(collector.next("transaction").header["trace"], expected);
}

#[test]
fn a_tracer_without_a_dsn_delivers_with_the_clients_key() {
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector)).unwrap();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    tracer.service_span("task", TransactionName::task("job")).start().end();
    assert!(sink.flush(PATIENCE));
    let header = collector.next("transaction").header;
    assert_eq!(
        (&header["trace"]["public_key"], &header["trace"]["sample_rate"]),
        (&json!("public"), &json!("1"))
    );
}

#[test]
fn nothing_is_lost_on_an_orderly_shutdown() {
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector)).unwrap();
    let tracer = sink.tracer().build().unwrap();
    for _ in 0..20 {
        tracer.service_span("task", TransactionName::task("job")).start().end();
    }
    assert!(sink.close(PATIENCE));
    assert_eq!(collector.arrived().len(), 20);
    // After the close, nothing is sent, and no call blocks.
    tracer.service_span("task", TransactionName::task("late")).start().end();
    assert!(collector.arrived().is_empty());
}

#[test]
fn an_error_carries_the_trace_and_the_current_span() {
    let collector = Collector::open(Answer::Ok);
    let client = client(&collector);
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let context = tracer.continue_trace(incoming().as_slice());
    let root = tracer.service_span("http.server", TransactionName::route("GET /")).in_trace(context).start();
    let hub = Arc::new(sentry::Hub::new(Some(client), Arc::default()));
    let span = root.start_span("function", "work");
    let expected = span.span_id().to_string();
    sentry::Hub::run(hub, || {
        span.scope(|| sentry::capture_message("it broke", sentry::Level::Error));
    });
    let trace = collector.next("event").item["contexts"]["trace"].clone();
    assert_eq!((&trace["trace_id"], &trace["span_id"]), (&json!(TRACE), &json!(expected)));
    assert_eq!(trace["parent_span_id"], json!(root.span_id().to_string()));
}
