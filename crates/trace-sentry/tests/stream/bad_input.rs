//! Values that cannot be sent are cut or dropped, with counts, and the rest of the span arrives.

use std::time::{Duration, SystemTime};

use collector::{Answer, Collector};
use sentry::protocol::Context;
use serde_json::json;
use trace_core::Span;

use crate::validator::{ids, spans};
use crate::{PATIENCE, start};

#[test]
fn a_span_with_impossible_values_arrives_without_them() {
    type Break = fn(&Span);
    let table: [(&str, Break, usize); 9] = [
        ("nothing", |_| {}, 0),
        ("NaN", |span| span.set_attribute("number", f64::NAN), 1),
        ("infinity", |span| span.set_attribute("number", f64::NEG_INFINITY), 1),
        ("no key", |span| span.set_attribute("", 1), 1),
        ("a long key", |span| span.set_attribute("k".repeat(201), 1), 1),
        ("odd keys", |span| span.set_attribute("a\u{0}\"b\\ \u{1f980}\n", 1), 0),
        (
            "10,000 attributes",
            |span| (0..10_000).for_each(|n| span.set_attribute(n.to_string(), n)),
            10_000 - 128,
        ),
        ("a megabyte", |span| span.set_attribute("text", "\u{1f980}".repeat(250_000)), 0),
        ("no name", |span| span.context().set_description(""), 0),
    ];
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    for (name, break_it, dropped) in table {
        let job = tracer.service_span("task", "").start();
        let span = job.start_span("function", "work");
        break_it(&span);
        span.end();
        job.end();
        let arrived = spans(&collector.next("span"));
        let attributes = arrived[0]["attributes"].as_object().unwrap();
        let count =
            attributes.get("sentry.dropped_attributes_count").map_or(json!(0), |it| it["value"].clone());
        assert_eq!((arrived.len(), count), (2, json!(dropped)), "{name}");
        assert!(arrived[0].to_string().len() < 100_000, "{name}");
    }
    assert_eq!(sink.statistics().dropped, 0);
}

#[test]
fn a_span_beyond_a_megabyte_is_dropped_and_counted() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let job = tracer.service_span("task", "job").start();
    let span = job.start_span("function", "large");
    (0..128).for_each(|n| span.set_attribute(n.to_string(), "\u{1}".repeat(8192)));
    span.end();
    job.start_span("function", "small").end();
    job.end();
    assert!(sink.flush(PATIENCE));
    assert_eq!(spans(&collector.next("span")).len(), 2);
    let report = collector.next("client_report").item;
    assert_eq!(
        report["discarded_events"],
        json!([{ "reason": "internal_sdk_error", "category": "span", "quantity": 1 }])
    );
    let statistics = sink.statistics();
    assert_eq!((statistics.waiting, statistics.handed_over, statistics.dropped), (0, 2, 1));
}

#[test]
fn a_batch_that_grows_when_it_is_written_is_split() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let job = tracer.service_span("task", "job").start();
    // Each control character takes six bytes: 24 MB of what was estimated as 4 MB.
    for _ in 0..40 {
        let span = job.start_span("function", "work");
        (0..12).for_each(|n| span.set_attribute(n.to_string(), "\u{1}".repeat(8192)));
        span.end();
    }
    job.end();
    assert!(sink.flush(PATIENCE));
    let arrived = collector.arrived();
    assert!(arrived.iter().all(|envelope| envelope.item_header["length"].as_u64().unwrap() < 10_000_000));
    assert!(arrived.len() > 3);
    assert_eq!(arrived.iter().map(|envelope| spans(envelope).len()).sum::<usize>(), 41);
    assert_eq!(ids(&arrived).len(), 41, "each once");
}

#[test]
fn times_before_the_start_and_in_the_future_make_a_span_of_no_length() {
    let collector = Collector::open(Answer::Ok);
    let (_sink, tracer) = start(&collector);
    let job = tracer.service_span("task", "job").start();
    let now = SystemTime::now();
    job.context().span("function", "backwards").record(now, now - Duration::from_secs(60));
    job.context()
        .span("function", "before 1970")
        .record(SystemTime::UNIX_EPOCH - Duration::from_secs(60), now);
    job.end();
    assert_eq!(spans(&collector.next("span")).len(), 3);
}

#[test]
fn a_scope_beyond_a_megabyte_costs_no_span() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let values = (0..20_000).map(|number| (number.to_string(), "x".repeat(100).into()));
    sentry::configure_scope(|scope| scope.set_context("cloud_resource", Context::Other(values.collect())));
    let job = tracer.service_span("task", "job").attribute("own", 1).start();
    job.start_span("function", "work").end();
    job.end();
    sentry::configure_scope(|scope| scope.remove_context("cloud_resource"));
    let arrived = collector.next("span");
    let own: Vec<_> = spans(&arrived).iter().map(|span| span["attributes"]["own"]["value"].clone()).collect();
    assert_eq!(own, [json!(null), json!(1)]);
    assert!(sink.flush(PATIENCE));
    assert_eq!((sink.statistics().handed_over, sink.statistics().dropped), (2, 0));
}

#[test]
fn a_name_of_a_megabyte_is_cut_everywhere() {
    let collector = Collector::open(Answer::Ok);
    let (_sink, tracer) = start(&collector);
    let name = "\u{1f980}".repeat(250_000);
    let job = tracer.service_span("task", name.clone()).start();
    job.start_span("function", name.clone()).end();
    job.end();
    let envelope = collector.next("span");
    for span in spans(&envelope) {
        assert_eq!(span["name"].as_str().unwrap().chars().count(), 8192);
        let of_segment = &span["attributes"]["sentry.segment.name"]["value"];
        assert_eq!(of_segment.as_str().unwrap().chars().count(), 8192);
    }
    assert!(envelope.header.to_string().len() < 10_000, "{}", envelope.header.to_string().len());
}

#[test]
fn traces_whose_service_spans_never_end_leave_nothing_behind() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    for _ in 0..100 {
        let job = tracer.service_span("task", "job").start();
        job.start_span("function", "work").end();
        std::mem::forget(job);
    }
    let sent: Vec<_> = (0..100).map(|_| collector.next("span")).collect();
    assert_eq!(ids(&sent).len(), 100);
    assert!(sink.flush(PATIENCE));
    let statistics = sink.statistics();
    assert_eq!((statistics.waiting, statistics.handed_over, statistics.dropped), (0, 100, 0));
    assert!(collector.arrived().iter().all(|envelope| envelope.kind != "span"));
}
