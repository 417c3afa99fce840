//! What happens if spans end faster than they can be sent, or while the sink closes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use collector::{Answer, Collector};
use sentry::Hub;
use serde_json::Value;
use trace_core::{Span, Tracer};
use trace_sentry::{SentrySink, Statistics};

use crate::validator::spans;
use crate::{PATIENCE, start};

fn record(tracer: &Tracer, requests: usize, spans: usize) {
    for _ in 0..requests {
        let job = tracer.service_span("task", "job").start();
        (0..spans).for_each(|_| job.start_span("function", "work").end());
        job.end();
    }
}

/// Returns the number of spans that are waiting, handed over, or dropped.
fn total(sink: &SentrySink) -> u64 {
    let statistics = sink.statistics();
    statistics.waiting + statistics.handed_over + statistics.dropped
}

/// Returns how many spans arrived, and how many were reported as lost.
fn arrived(collector: &Collector) -> (u64, u64) {
    let (mut sent, mut lost) = (0, 0);
    for envelope in collector.arrived() {
        match &*envelope.kind {
            "span" => sent += spans(&envelope).len() as u64,
            "client_report" => {
                for loss in envelope.item["discarded_events"].as_array().unwrap() {
                    assert_eq!(loss["category"], "span", "{loss}");
                    lost += loss["quantity"].as_u64().unwrap();
                }
            }
            _ => {}
        }
    }
    (sent, lost)
}

/// Starts jobs with spans that have ended, each with a text.
fn start_jobs(tracer: &Tracer, jobs: usize, spans: usize, text: &str) -> Vec<Span> {
    let start = |_| {
        let job = tracer.service_span("task", "job").start();
        for _ in 0..spans {
            let span = job.start_span("function", "work");
            span.set_attribute("text", text);
            span.end();
        }
        job
    };
    (0..jobs).map(start).collect()
}

#[test]
fn the_oldest_traces_are_dropped_as_a_whole_and_counted_and_no_request_waits() {
    let table =
        [("too many spans", 4000, 40, 1, 90_000..=100_000), ("too many bytes", 400, 4, 100_000, 600..=680)];
    for (name, jobs, spans, text, expected) in table {
        let collector = Collector::open(Answer::Ok);
        let (sink, tracer) = start(&collector);
        let began = Instant::now();
        let running = start_jobs(&tracer, jobs, spans, &"x".repeat(text));
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: {:?}", began.elapsed());
        let statistics = sink.statistics();
        assert_eq!(total(&sink), (jobs * spans) as u64, "{name}: {statistics:?}");
        assert!(expected.contains(&statistics.waiting), "{name}: {statistics:?}");
        assert_eq!(statistics.dropped % spans as u64, 0, "{name}: {statistics:?}");
        if name == "too many bytes" {
            assert!(sink.flush(PATIENCE));
            assert_eq!(arrived(&collector), (statistics.waiting, statistics.dropped), "{name}");
        }
        drop(running);
    }
}

#[test]
fn late_spans_of_many_requests_are_bounded_by_what_they_keep_in_memory() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    let jobs = start_jobs(&tracer, 9000, 0, "");
    let late: Vec<_> = jobs.iter().map(|job| job.start_span("function", "late")).collect();
    // The service spans are sent or dropped before.
    jobs.into_iter().for_each(Span::end);
    assert!(sink.flush(PATIENCE));
    let before = sink.statistics();
    drop(late);
    let Statistics { waiting, dropped, .. } = sink.statistics();
    let dropped = dropped - before.dropped;
    assert_eq!(waiting + dropped, 9000);
    // Those of 64 MiB, at 8 KiB each and the size of a span.
    assert!((7000..8000).contains(&waiting), "{waiting}");
}

#[test]
fn nothing_is_lost_unseen_while_other_threads_end_spans_during_a_close() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| record(&tracer, 500, 3));
        }
        scope.spawn(|| sink.close(PATIENCE));
    });
    let statistics = sink.statistics();
    assert_eq!((total(&sink), statistics.waiting), (8000, 0), "{statistics:?}");
    let _ended = sink.flush(PATIENCE);
    assert_eq!(arrived(&collector).0, statistics.handed_over);
}

#[test]
fn an_unsampled_request_counts_as_one_span() {
    let collector = Collector::open(Answer::Ok);
    let (sink, _) = start(&collector);
    let tracer = sink.tracer().traces_sample_rate(0.0).build().unwrap();
    record(&tracer, 10, 3);
    assert_eq!(sink.statistics().unsampled, 10);
    assert!(sink.flush(PATIENCE));
    assert_eq!(
        collector.next("client_report").item["discarded_events"].as_array().map(Vec::as_slice),
        Some(&[serde_json::json!({ "reason": "sample_rate", "category": "span", "quantity": 10 })]
            as &[Value])
    );
}

/// A value of the application that records something when it is dropped.
struct Recording(Tracer);

impl Drop for Recording {
    fn drop(&mut self) {
        self.0.service_span("task", "drop").start().end();
    }
}

#[test]
fn what_is_dropped_for_lack_of_room_may_record_something_itself() {
    let collector = Collector::open(Answer::Never);
    let (sink, tracer) = start(&collector);
    let (done, is_done) = channel();
    let recording = tracer.clone();
    thread::spawn(move || {
        // More than the queue holds, whose oldest buckets are dropped with the scopes of their service spans.
        for _ in 0..2000 {
            let value = AssertUnwindSafe(Recording(recording.clone()));
            Hub::run(Arc::new(Hub::new(None, Arc::default())), || {
                Hub::current().configure_scope(|scope| {
                    scope.add_event_processor(move |event| {
                        let _kept = &*value;
                        Some(event)
                    });
                });
                recording.service_span("task", "job").start().end();
            });
        }
        done.send(()).unwrap();
    });
    is_done.recv_timeout(PATIENCE).unwrap();
    let statistics = sink.statistics();
    assert!(statistics.dropped > 1000, "{statistics:?}");
}
