//! Transactions with values that cannot be sent, and with more than an item holds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions, Hub, Scope};
use serde_json::{Value, json};
use trace_core::{Span, TransactionName};
use trace_sentry::SentrySink;

const PATIENCE: Duration = Duration::from_secs(10);

fn client(dsn: &str) -> Arc<Client> {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0);
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

/// Sends one transaction, whose spans and scope are set by functions. Returns its item and the losses.
fn sent(scope: fn(&mut Scope), work: fn(&Span)) -> (Value, Value) {
    let collector = Collector::open(Answer::Ok);
    let client = client(&collector.dsn);
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();
    Hub::run(Arc::new(Hub::new(Some(client), Arc::default())), || {
        sentry::configure_scope(scope);
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        work(&root);
        root.end();
    });
    assert!(sink.flush(PATIENCE));
    assert_eq!(sink.statistics().waiting, 0);
    let arrived = collector.arrived();
    let item = |kind| arrived.iter().find(|envelope| envelope.kind == kind).map(|envelope| &envelope.item);
    let losses = item("client_report").map(|report| report["discarded_events"].clone());
    (item("transaction").cloned().unwrap_or_default(), losses.unwrap_or_default())
}

fn lost(reason: &str, category: &str, quantity: usize) -> Value {
    json!({ "reason": reason, "category": category, "quantity": quantity })
}

#[test]
fn a_transaction_that_is_too_large_loses_its_latest_spans() {
    let (item, losses) = sent(
        |_| {},
        |root| {
            for number in 0..1200 {
                root.start_span("function", format!("{number} {}", "x".repeat(2000))).end();
            }
        },
    );
    let spans = item["spans"].as_array().unwrap();
    assert!(serde_json::to_vec(&item).unwrap().len() <= 1024 * 1024);
    assert!(spans.len() > 400, "{}", spans.len());
    let last = format!("{} ", spans.len() - 1);
    assert!(spans.last().unwrap()["description"].as_str().unwrap().starts_with(&last));
    assert_eq!(losses, json!([lost("buffer_overflow", "span", 1200 - spans.len())]));
}

#[test]
fn a_span_that_is_too_large_costs_no_other_and_its_children_get_its_parent() {
    let (item, losses) = sent(
        |_| {},
        |root| {
            let large = root.start_span("function", "large");
            (0..128).for_each(|number| large.set_attribute(number.to_string(), "\u{1}".repeat(8192)));
            (0..900).for_each(|_| large.start_span("function", "child").end());
            large.end();
        },
    );
    let spans = item["spans"].as_array().unwrap();
    let root = &item["contexts"]["trace"]["span_id"];
    assert_eq!(spans.len(), 900);
    assert!(spans.iter().all(|span| span["parent_span_id"] == *root && span["description"] == "child"));
    assert_eq!(losses, json!([lost("buffer_overflow", "span", 1)]));
}

#[test]
fn a_transaction_that_no_item_can_hold_is_dropped_and_reported() {
    let (item, losses) = sent(
        |_| {},
        |root| {
            for number in 0..150 {
                root.set_attribute(format!("attribute.{number}"), "\u{e9}".repeat(8000));
            }
            root.start_span("function", "work").end();
        },
    );
    let expected = json!([
        lost("buffer_overflow", "span", 1),
        lost("internal_sdk_error", "transaction", 1),
        lost("internal_sdk_error", "span", 1)
    ]);
    assert_eq!((item, losses), (Value::Null, expected));
}

#[test]
fn a_scope_that_cannot_be_sent_costs_no_span() {
    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |value, _| Value::Array(vec![value]))
    }
    type Set = fn(&mut Scope);
    let table: [(&str, Set, bool); 5] = [
        ("small", |scope| scope.set_extra("x", 1.into()), true),
        ("half an item", |scope| scope.set_extra("x", "x".repeat(400_000).into()), true),
        ("as large as an item", |scope| scope.set_extra("x", "x".repeat(1024 * 1024).into()), false),
        ("as deep as can be read", |scope| scope.set_extra("x", nested(125)), true),
        ("deeper", |scope| scope.set_extra("x", nested(126)), false),
    ];
    for (name, scope, is_sent) in table {
        let (item, losses) = sent(scope, |root| {
            (0..1000).for_each(|_| root.start_span("function", "work").end());
        });
        assert_eq!(item["spans"].as_array().map(Vec::len), Some(1000), "{name}");
        assert_eq!((item.get("extra").is_some(), losses), (is_sent, Value::Null), "{name}");
    }
}

#[test]
fn each_key_is_written_once_and_numbers_that_json_has_not_are_left_out() {
    // The values that a reader finds would be the same with a key that occurs twice, so that the bytes are read.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dsn = format!("http://public@{}/42", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let lines = std::iter::from_fn(|| {
            let mut line = String::new();
            reader.read_line(&mut line).ok().map(|_| line.to_ascii_lowercase())
        });
        let head: Vec<_> = lines.take_while(|line| line != "\r\n").collect();
        let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        sender.send(String::from_utf8(body).unwrap()).unwrap();
    });
    let client = client(&dsn);
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();
    let long = "k".repeat(200);
    Hub::run(Arc::new(Hub::new(Some(client), Arc::default())), || {
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        root.set_attribute("sentry.trace_lifecycle", "mine");
        root.set_attribute("nan", f64::NAN);
        root.set_attribute("infinite", f64::INFINITY);
        root.set_attribute("least", i64::MIN);
        for key in ["", &format!("{long}a"), &format!("{long}b")] {
            root.set_attribute(key.to_owned(), key.len());
            root.context().set_tag(key.to_owned(), "own");
            root.context().set_measurement(key.to_owned(), 1.0, "none");
        }
        let exact = root.start_span("function", "work");
        [format!("{long}a"), long.clone()].into_iter().for_each(|key| exact.set_attribute(key, 7));
        exact.end();
        sentry::configure_scope(|scope| {
            for key in ["", "other", "t", &format!("{long}c"), &format!("{long}d")] {
                scope.set_tag(key, "scope");
            }
            for end in ["a", "b"] {
                scope.set_tag(&("l".repeat(200) + end), end);
            }
        });
        root.end();
    });
    let body = bodies.recv_timeout(PATIENCE).unwrap();
    let item = body.lines().nth(2).unwrap();
    let number = |text: &str| item.matches(text).count();
    assert_eq!(number("\"sentry.trace_lifecycle\":"), 1);
    assert_eq!([number("null"), number("\"\":"), number("\"nan\""), number("\"infinite\"")], [0; 4]);
    // An attribute, a tag and a measurement of the service span, and an attribute of the other.
    assert_eq!((number(&format!("\"{long}\":")), number(&long)), (4, 4));
    assert_eq!(number(&"l".repeat(200)), 1);
    let item: Value = serde_json::from_str(item).unwrap();
    assert_eq!((&item["tags"][&long], item["tags"].as_object().unwrap().len()), (&json!("own"), 4));
    let data = &item["contexts"]["trace"]["data"];
    assert_eq!(*data, json!({ "sentry.trace_lifecycle": "static", "least": i64::MIN, long.clone(): 201 }));
    assert_eq!(item["spans"][0]["data"], json!({ long: 7 }));
    assert!(sink.flush(PATIENCE));
    assert_eq!(sink.statistics().handed_over, 1);
}
