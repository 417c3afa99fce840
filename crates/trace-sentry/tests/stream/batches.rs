//! The moments at which spans leave.

use std::time::{Duration, Instant};

use collector::{Answer, Collector};
use serde_json::Value;
use trace_core::TransactionName;

use crate::validator::spans;
use crate::{PATIENCE, start};

fn names(spans: &[Value]) -> Vec<&str> {
    spans.iter().map(|span| span["name"].as_str().unwrap()).collect()
}

#[test]
fn the_spans_of_a_request_that_hangs_arrive_after_five_seconds_with_the_name_of_the_moment() {
    let collector = Collector::open(Answer::Ok);
    let (_sink, tracer) = start(&collector);
    let began = Instant::now();
    let hanging = tracer.service_span("http.server", TransactionName::url("GET /17")).start();
    hanging.start_span("function", "done").end();
    hanging.context().set_transaction_name(TransactionName::route("GET /{id}"));
    let envelope = collector.next("span");
    assert!((Duration::from_secs(5)..Duration::from_secs(9)).contains(&began.elapsed()));
    let arrived = spans(&envelope);
    assert_eq!(names(&arrived), ["done"]);
    assert_eq!(arrived[0]["attributes"]["sentry.segment.name"]["value"], "GET /{id}");
    assert_eq!(envelope.header["trace"]["transaction"], "GET /{id}");
    hanging.context().set_transaction_name(TransactionName::custom("too late for the context"));
    hanging.end();
    let envelope = collector.next("span");
    assert_eq!(names(&spans(&envelope)), ["too late for the context"]);
    assert_eq!(envelope.header["trace"]["transaction"], "GET /{id}");
}

#[test]
fn a_full_bucket_leaves_at_once_and_what_comes_after_the_service_span_is_sent() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let job = tracer.service_span("task", "job").start();
    let context = job.context().clone();
    (0..1000).for_each(|_| job.start_span("function", "one of many").end());
    assert_eq!(spans(&collector.next("span")).len(), 1000);
    // A megabyte each, of which 8192 characters are sent.
    let large = "x".repeat(1_000_000);
    (0..5).for_each(|_| job.start_span("function", large.clone()).end());
    let arrived = spans(&collector.next("span"));
    assert_eq!((arrived.len(), names(&arrived)[0].len()), (5, 8192));
    job.end();
    assert_eq!(names(&spans(&collector.next("span"))), ["job"]);
    context.start_span("function", "late").end();
    assert!(sink.flush(PATIENCE));
    assert_eq!(names(&spans(&collector.next("span"))), ["late"]);
    let statistics = sink.statistics();
    assert_eq!((statistics.waiting, statistics.handed_over, statistics.dropped), (0, 1007, 0));
}

#[test]
fn spans_of_several_traces_leave_in_envelopes_of_their_own() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let jobs: Vec<_> = (0..50).map(|_| tracer.service_span("task", "job").start()).collect();
    for _ in 0..3 {
        jobs.iter().for_each(|job| job.start_span("function", "work").end());
    }
    assert!(sink.flush(PATIENCE));
    let arrived: Vec<_> = collector.arrived().iter().map(spans).collect();
    assert_eq!(arrived.len(), jobs.len());
    assert!(arrived.iter().all(|spans| spans.len() == 3));
    drop(jobs);
    assert!(sink.close(PATIENCE));
    assert_eq!(collector.arrived().iter().map(|envelope| spans(envelope).len()).sum::<usize>(), 50);
}
