//! A transport that panics: the delivery thread continues, losses are counted, and no call reports a success. And one that
//! records what it does: that is not delivered in turn.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sentry::{Client, ClientOptions, Envelope, Transport};
use trace_core::{TraceLifecycle, Tracer, TransactionName};
use trace_sentry::{SentrySink, Statistics};

const PATIENCE: Duration = Duration::from_secs(10);

/// A transport that panics for some envelopes, chosen by their number, and optionally in each flush. It keeps the other
/// envelopes as text.
struct Panicking {
    sends: fn(usize) -> bool,
    flushes: bool,
    number: AtomicUsize,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Transport for Panicking {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes).unwrap();
        // An empty envelope only makes the client report its own losses.
        if bytes == b"{}\n" {
            return;
        }
        if (self.sends)(self.number.fetch_add(1, Ordering::Relaxed)) {
            panic!("in send_envelope");
        }
        self.taken.lock().unwrap().push(String::from_utf8(bytes).unwrap());
    }

    fn flush(&self, _: Duration) -> bool {
        if self.flushes {
            panic!("in flush");
        }
        true
    }
}

fn record(tracer: &Tracer, number: usize) {
    for _ in 0..number {
        tracer.service_span("task", TransactionName::task("job")).start().end();
    }
}

#[test]
fn a_transport_that_panics_loses_what_it_was_given_and_no_more() {
    struct Row {
        name: &'static str,
        sends: fn(usize) -> bool,
        flushes: bool,
        /// The numbers of handed over and dropped transactions.
        expected: [u64; 2],
        is_flushed: bool,
        is_reported: bool,
    }
    let row = |name, sends, flushes, expected, is_flushed, is_reported| Row {
        name,
        sends,
        flushes,
        expected,
        is_flushed,
        is_reported,
    };
    let table = [
        row("never", |_| false, false, [3, 0], true, false),
        row("for the first", |number| number == 0, false, [2, 1], true, true),
        row("for all transactions", |number| number < 3, false, [0, 3], true, true),
        row("for the report", |number| number == 0 || number == 3, false, [2, 1], false, true),
        row("always", |_| true, false, [0, 3], false, false),
        row("in its flush", |_| false, true, [3, 0], false, false),
    ];
    for Row { name, sends, flushes, expected, is_flushed, is_reported } in table {
        let taken = Arc::<Mutex<Vec<String>>>::default();
        let transport = Panicking { sends, flushes, number: AtomicUsize::default(), taken: taken.clone() };
        let options = ClientOptions::new()
            .dsn("http://public@127.0.0.1:9/42")
            .traces_sample_rate(1.0)
            .transport(Arc::new(transport));
        let sink = SentrySink::new(Arc::new(Client::from(options))).unwrap();
        let tracer = sink.tracer().build().unwrap();
        record(&tracer, 3);
        assert_eq!(sink.flush(PATIENCE), is_flushed, "{name}");
        let Statistics { handed_over, dropped, caught_panics, .. } = sink.statistics();
        assert_eq!([handed_over, dropped], expected, "{name}");
        assert_eq!(caught_panics > 0, name != "never", "{name}");

        // Losses that could not be reported are reported later.
        let is_closed = sink.close(PATIENCE);
        assert_eq!(is_closed, name != "always" && !flushes, "{name}");
        let taken = taken.lock().unwrap().clone();
        let report = taken.iter().find(|envelope| envelope.contains("client_report"));
        assert_eq!(report.is_some(), is_reported, "{name}: {report:?}");
        if let Some(report) = report {
            let lost = format!(
                r#"{{"reason":"internal_sdk_error","category":"transaction","quantity":{}}}"#,
                expected[1]
            );
            assert!(report.contains(&lost), "{name}: {report}");
        }
        // After the close, no call claims a success either, and later transactions are counted.
        assert_eq!((sink.close(PATIENCE), sink.flush(PATIENCE)), (is_closed, is_closed), "{name}");
        record(&tracer, 2);
        assert_eq!((sink.close(PATIENCE), sink.flush(PATIENCE)), (false, false), "{name}");
        assert_eq!(sink.statistics().dropped, expected[1] + 2, "{name}");
    }
}

/// A transport that records its work, as one with an instrumented HTTP client does.
struct Recording(Arc<Mutex<Option<Tracer>>>);

impl Transport for Recording {
    fn send_envelope(&self, _: Envelope) {
        if let Some(tracer) = &*self.0.lock().unwrap() {
            tracer.service_span("http.client", "send").start().end();
        }
    }
}

#[test]
fn what_a_transport_records_is_counted_and_not_delivered_in_turn() {
    for lifecycle in [TraceLifecycle::Static, TraceLifecycle::Stream] {
        let own = Arc::<Mutex<Option<Tracer>>>::default();
        let options = ClientOptions::new().dsn("http://public@localhost/42").traces_sample_rate(1.0);
        let options = options.transport(Arc::new(Recording(own.clone())));
        let sink = SentrySink::builder(Arc::new(Client::from_config(options)));
        let sink = sink.trace_lifecycle(lifecycle).build().unwrap();
        let tracer = sink.tracer().build().unwrap();
        *own.lock().unwrap() = Some(tracer.clone());
        tracer.service_span("task", "job").start().end();
        assert!(sink.flush(PATIENCE));
        assert!(sink.close(PATIENCE));
        let Statistics { waiting, handed_over, dropped, .. } = sink.statistics();
        assert_eq!((waiting, handed_over), (0, 1));
        assert!(dropped > 0);
    }
}
