//! With a DSN, the same run also arrives there.

use std::collections::HashMap;

use collector::{Answer, Collector, Envelope};
use serde_json::Value;

use crate::{command, document, requests, run, service};

/// How far a time of the payload may be off: it is a number of seconds since 1970, to the microsecond.
const ROUNDING: f64 = 0.000_002;

#[test]
fn one_transaction_a_service_with_the_callers_sampling_context() {
    let collector = Collector::open(Answer::Ok);
    let output = run(&["--requests", "1", "--json", "--dsn", &collector.dsn]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = document(&output);
    assert_eq!(document["held"], true);
    let request = requests(&document).next().unwrap();

    let envelopes = transactions(&collector);
    assert_eq!(envelopes.len(), 4);
    for envelope in &envelopes {
        assert_eq!(envelope.header["trace"], sampling_context(&request["headers"]["baggage"]));
        assert_eq!(envelope.item["environment"], "demo");
    }

    let caller = request["headers"]["sentry-trace"].as_str().unwrap().split('-').nth(1).unwrap();
    let storefront = of_release(&envelopes, "storefront@1.4.0");
    let orders = of_release(&envelopes, "orders@2.0.3");
    let inventory = of_release(&envelopes, "inventory@0.9.1");
    let mailer = of_release(&envelopes, "mailer@1.1.0");
    for (name, item) in
        [("storefront", storefront), ("orders", orders), ("inventory", inventory), ("mailer", mailer)]
    {
        assert_eq!(root(item)["span_id"], service(request, name)["span_id"], "{name}");
        spans_lie_inside_their_parents(item);
    }
    assert_eq!(root(storefront)["parent_span_id"], caller);
    for (child, parent, operation) in [
        (orders, storefront, "http.client"),
        (inventory, orders, "http.client"),
        (mailer, orders, "queue.publish"),
    ] {
        let id = &root(child)["parent_span_id"];
        let span = spans(parent).find(|span| span["span_id"] == *id).unwrap();
        assert_eq!(span["op"], operation);
        assert!(start(child) >= start(span) - ROUNDING);
        // Whoever takes a message from a queue works on when it was put in long ago.
        assert!(end(child) <= end(span) + ROUNDING || operation == "queue.publish");
    }
}

#[test]
fn streamed_spans_make_the_same_trace() {
    let collector = Collector::open(Answer::Ok);
    let output = run(&["--stream", "--requests", "1", "--json", "--dsn", &collector.dsn]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = document(&output);
    assert_eq!(document["held"], true);
    let request = requests(&document).next().unwrap();
    let drawn: usize = request["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| 1 + it["spans"].as_array().unwrap().len())
        .sum();
    let envelopes: Vec<_> = collector.arrived().into_iter().filter(|it| it.kind == "span").collect();
    let spans: Vec<_> = envelopes.iter().flat_map(|it| it.item["items"].as_array().unwrap()).collect();
    assert_eq!(spans.len(), drawn);
    assert_eq!(spans.iter().filter(|span| span["is_segment"] == true).count(), 4);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(&format!("{drawn} spans delivered")), "{told}");
    for envelope in &envelopes {
        assert_eq!(envelope.header["trace"], sampling_context(&request["headers"]["baggage"]));
    }
}

#[test]
fn every_scenario_holds_and_one_line_tells_of_the_delivery() {
    let collector = Collector::open(Answer::Ok);
    let dsn = collector.dsn.replace("public@", "public:secret@");
    let output = run(&["--dsn", &dsn]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().last().unwrap();
    assert!(line.starts_with("✓ 20 transactions delivered to http://127.0.0.1:"), "{line}");
    assert!(line.ends_with("/api/42/envelope/") && !text.contains("secret@"), "{line}");
    assert!(output.stderr.is_empty());
    assert_eq!(transactions(&collector).len(), 20);
}

#[test]
fn a_message_is_told_of_at_both_ends_of_the_queue() {
    let collector = Collector::open(Answer::Ok);
    assert!(run(&["--requests", "1", "--dsn", &collector.dsn]).status.success());
    let envelopes = transactions(&collector);
    let orders = of_release(&envelopes, "orders@2.0.3");
    let publish = &spans(orders).find(|span| span["op"] == "queue.publish").unwrap()["data"];
    let process = root(of_release(&envelopes, "mailer@1.1.0"));
    assert_eq!(process["op"], "queue.process");
    let process = &process["data"];
    for key in ["system", "destination.name", "message.id", "message.body.size"] {
        let key = format!("messaging.{key}");
        assert!(!publish[&key].is_null() && publish[&key] == process[&key], "{key}: {publish} {process}");
    }
    assert_eq!(process["messaging.message.retry.count"], 0);
    assert!(process["messaging.message.receive.latency"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_variable_delivers_too_and_the_flag_wins() {
    let (by_variable, by_flag) = (Collector::open(Answer::Ok), Collector::open(Answer::Ok));
    let shop = |flags: &[&str], variable: &str| {
        let output = command(flags).args(["--requests", "1"]).env("SENTRY_DSN", variable).output().unwrap();
        assert!(output.status.success());
        [&by_variable, &by_flag].map(|collector| transactions(collector).len())
    };
    assert_eq!(shop(&[], &by_variable.dsn), [4, 0]);
    assert_eq!(shop(&["--dsn", &by_flag.dsn], &by_variable.dsn), [0, 4]);
    assert_eq!(shop(&["--dsn", &by_flag.dsn], "no DSN"), [0, 4]);
    assert_eq!(shop(&[], " "), [0, 0]);
}

/// The transactions that have arrived; reports of what was not sampled arrive, too.
fn transactions(collector: &Collector) -> Vec<Envelope> {
    collector.arrived().into_iter().filter(|envelope| envelope.kind == "transaction").collect()
}

/// The members of a `baggage` that are Sentry's, as the envelope holds them.
fn sampling_context(baggage: &Value) -> Value {
    let members = baggage.as_str().unwrap().split(',').map(|member| {
        let (key, value) = member.strip_prefix("sentry-").unwrap().split_once('=').unwrap();
        (key.to_owned(), Value::from(value.replace("%40", "@")))
    });
    members.collect::<serde_json::Map<_, _>>().into()
}

fn of_release<'a>(envelopes: &'a [Envelope], release: &str) -> &'a Value {
    &envelopes.iter().find(|envelope| envelope.item["release"] == release).unwrap().item
}

fn root(transaction: &Value) -> &Value {
    &transaction["contexts"]["trace"]
}

fn spans(transaction: &Value) -> impl Iterator<Item = &Value> {
    transaction["spans"].as_array().unwrap().iter()
}

fn start(span: &Value) -> f64 {
    span["start_timestamp"].as_f64().unwrap()
}

fn end(span: &Value) -> f64 {
    span["timestamp"].as_f64().unwrap()
}

fn spans_lie_inside_their_parents(transaction: &Value) {
    let mut known: HashMap<_, _> = spans(transaction).map(|span| (&span["span_id"], span)).collect();
    known.insert(&root(transaction)["span_id"], transaction);
    assert!(start(transaction) < end(transaction));
    for span in spans(transaction) {
        let parent = known[&span["parent_span_id"]];
        assert!(start(span) >= start(parent) - ROUNDING && end(span) <= end(parent) + ROUNDING, "{span}");
        assert!(start(span) <= end(span), "{span}");
    }
}
