//! Spans that end with their thread, when its other variables are gone: they are sent, and nothing panics, which would end
//! the process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::RefCell;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions};
use trace_core::{Span, TraceLifecycle};
use trace_sentry::SentrySink;

const PATIENCE: Duration = Duration::from_secs(10);

thread_local! {
    static KEPT: RefCell<Vec<Span>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_span_in_a_variable_of_its_thread_is_sent() {
    for (lifecycle, sent) in [(TraceLifecycle::Static, 2), (TraceLifecycle::Stream, 3)] {
        let collector = Collector::open(Answer::Ok);
        let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
        // The client has its default integrations: its panic hook, too, uses variables of the thread.
        let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
        let sink = SentrySink::builder(client).trace_lifecycle(lifecycle).build().unwrap();
        let tracer = sink.tracer().build().unwrap();
        let work = move || {
            KEPT.with_borrow_mut(|kept| kept.push(tracer.service_span("task", "kept").start()));
            tracer.service_span("task", "first").start().end();
            // Variables are dropped in the reverse of the order in which they were first used.
            KEPT.with_borrow_mut(|kept| {
                let child = kept.last().unwrap().start_span("function", "child");
                kept.insert(0, child);
            });
        };
        thread::spawn(work).join().unwrap();
        assert!(sink.flush(PATIENCE));
        let statistics = sink.statistics();
        assert_eq!((statistics.handed_over, statistics.dropped), (sent, 0));
        assert_eq!(statistics.caught_panics, 0);
    }
}
