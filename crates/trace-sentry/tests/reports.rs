//! The reports of transactions that the rules of the tracer drop: they are counted, and reported together from time to
//! time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use collector::{Answer, Collector, Envelope};
use sentry::{Client, ClientOptions};
use serde_json::{Value, json};
use trace_core::{FinishedTransaction, Tracer, TransactionName};
use trace_sentry::{SentrySink, Statistics};

const PATIENCE: Duration = Duration::from_secs(10);

fn record(tracer: &Tracer, name: &'static str) {
    let root = tracer.service_span("task", TransactionName::task(name)).start();
    root.start_span("function", "work").end();
}

#[test]
fn losses_wait_for_the_flush_and_are_reported_once() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let sink = SentrySink::new(Arc::new(Client::from_config(sentry::apply_defaults(options)))).unwrap();
    let rules = sink
        .tracer()
        .ignore_transactions(["ignored"])
        .before_send_transaction(|it| (it.name.as_str() == "kept").then_some(it));
    let tracer = rules.build().unwrap();
    for name in ["kept", "refused", "ignored", "kept", "refused", "kept"] {
        record(&tracer, name);
    }
    assert!(sink.flush(PATIENCE));
    let Statistics { handed_over, dropped, unsampled, .. } = sink.statistics();
    assert_eq!([handed_over, dropped, unsampled], [3, 3, 0]);

    // The envelopes use one connection, so that they arrive in the order in which they were sent.
    let arrived = collector.arrived();
    let kinds: Vec<_> = arrived.iter().map(|Envelope { kind, .. }| kind.as_str()).collect();
    assert_eq!(kinds, ["transaction", "transaction", "transaction", "client_report"]);
    assert_eq!(
        arrived[3].item["discarded_events"],
        json!([
            { "reason": "ignored", "category": "transaction", "quantity": 1 },
            { "reason": "ignored", "category": "span", "quantity": 1 },
            { "reason": "before_send", "category": "transaction", "quantity": 2 },
            { "reason": "before_send", "category": "span", "quantity": 4 },
        ])
    );
    assert!(sink.flush(PATIENCE));
    assert!(collector.arrived().is_empty(), "there is nothing new to report");
}

#[test]
fn a_hook_that_panics_loses_its_transaction_and_says_so() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let sink = SentrySink::new(Arc::new(Client::from_config(sentry::apply_defaults(options)))).unwrap();
    let tracer = sink.tracer().before_send_transaction(|_| panic!("in the hook")).build().unwrap();
    let handler = || {
        record(&tracer, "ended");
        let _open = tracer.service_span("task", TransactionName::task("open")).start();
        panic!("in the handler");
    };
    assert!(std::thread::scope(|scope| scope.spawn(handler).join()).is_err());
    assert_eq!(tracer.caught_panics(), 2);
    assert!(sink.close(PATIENCE));
    assert_eq!(sink.statistics().dropped, 2);
    assert_eq!(
        collector.next("client_report").item["discarded_events"],
        json!([
            { "reason": "internal_sdk_error", "category": "transaction", "quantity": 2 },
            { "reason": "internal_sdk_error", "category": "span", "quantity": 3 },
        ])
    );
}

#[test]
fn spans_that_end_after_their_transaction_are_reported() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let sink = SentrySink::new(Arc::new(Client::from_config(sentry::apply_defaults(options)))).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let root = tracer.service_span("task", TransactionName::task("job")).start();
    let context = root.context().clone();
    let late = root.start_span("function", "late");
    late.start_span("function", "in time").end();
    root.end();
    late.end();
    context.start_span("function", "later").end();
    assert!(sink.close(PATIENCE));

    let sent = collector.next("transaction").item;
    assert_eq!(sent["spans"].as_array().map(Vec::len), Some(1));
    assert_eq!(sent["spans"][0]["parent_span_id"], sent["contexts"]["trace"]["span_id"]);
    assert_eq!(
        collector.next("client_report").item["discarded_events"],
        json!([{ "reason": "insufficient_data", "category": "span", "quantity": 2 }])
    );
}

#[test]
fn all_spans_are_counted_whoever_loses_them() {
    type Hook = fn(FinishedTransaction) -> Option<FinishedTransaction>;
    let loss = |reason: &str, category: &str, quantity: u64| json!({ "reason": reason, "category": category, "quantity": quantity });
    let whole = |reason: &str| vec![loss(reason, "transaction", 1), loss(reason, "span", 1501)];
    let overflow = loss("buffer_overflow", "span", 500);
    let replaced: Hook = |it| Some(FinishedTransaction::new(it.trace_id, it.name, it.root));
    // A service span with 1500 spans, of which a transaction keeps 1000.
    let table: [(&str, Hook, u64, Vec<Value>); 6] = [
        ("sent", Some, 1, vec![overflow.clone()]),
        ("dropped", |_| None, 0, whole("before_send")),
        ("panicked", |_| panic!("in the hook"), 0, whole("internal_sdk_error")),
        (
            "without spans",
            |mut it| {
                it.spans.clear();
                Some(it)
            },
            1,
            vec![overflow.clone(), loss("before_send", "span", 1000)],
        ),
        ("replaced", replaced, 1, vec![loss("before_send", "span", 1500)]),
        (
            "called unsampled",
            |mut it| {
                it.sampled = false;
                Some(it)
            },
            1,
            vec![overflow],
        ),
    ];
    for (name, hook, handed_over, losses) in table {
        let collector = Collector::open(Answer::Ok);
        let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
        let sink = SentrySink::new(Arc::new(Client::from_config(sentry::apply_defaults(options)))).unwrap();
        let tracer = sink.tracer().before_send_transaction(hook).build().unwrap();
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        (0..1500).for_each(|_| root.start_span("function", "work").end());
        root.end();
        assert!(sink.flush(PATIENCE));
        let Statistics { waiting, dropped, .. } = sink.statistics();
        assert_eq!(
            (waiting, sink.statistics().handed_over, dropped),
            (0, handed_over, 1 - handed_over),
            "{name}"
        );
        assert_eq!(collector.next("client_report").item["discarded_events"], json!(losses), "{name}");
    }
}

#[test]
fn a_hook_may_set_any_time_and_any_number() {
    type Change = fn(&mut FinishedTransaction);
    let table: [(&str, Change); 4] = [
        ("an endless duration", |it| it.root.duration = Duration::MAX),
        ("an endless duration of a span", |it| it.spans[0].duration = Duration::MAX),
        ("a time before 1970", |it| it.root.start = SystemTime::UNIX_EPOCH - Duration::from_secs(60)),
        ("more lost spans than can be counted", |it| it.dropped_spans = usize::MAX),
    ];
    for (name, change) in table {
        let collector = Collector::open(Answer::Ok);
        let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
        let sink = SentrySink::new(Arc::new(Client::from_config(sentry::apply_defaults(options)))).unwrap();
        let hook = move |mut it| {
            change(&mut it);
            Some(it)
        };
        let tracer = sink.tracer().before_send_transaction(hook).build().unwrap();
        (0..2).for_each(|_| record(&tracer, "job"));
        assert!(sink.flush(PATIENCE), "{name}");
        let Statistics { handed_over, caught_panics, .. } = sink.statistics();
        assert_eq!((handed_over, caught_panics), (2, 0), "{name}");
        assert!(collector.next("transaction").item["timestamp"].is_number(), "{name}");
    }
}
