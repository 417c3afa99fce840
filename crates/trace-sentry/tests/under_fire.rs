//! A server that rejects, hangs, disappears or returns: requests are served as usual, and all recorded transactions are
//! counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions, Envelope, Transport};
use tower::ServiceExt;
use trace_core::{Record, SpanSink, Tracer, TransactionName};
use trace_sentry::{SentrySink, Statistics};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
const REQUESTS: u32 = 300;
const ROUNDS: u32 = 5;

fn client(dsn: &str) -> Arc<Client> {
    let options = ClientOptions::new().dsn(dsn).traces_sample_rate(1.0);
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

fn record(tracer: &Tracer, number: u32) {
    for _ in 0..number {
        tracer.service_span("task", TransactionName::task("job")).start().end();
    }
}

/// A sink that discards all transactions.
struct Nowhere;

impl SpanSink for Nowhere {
    fn receive(&self, _: Record) {}
}

fn app(tracer: Tracer) -> Router {
    Router::new().route("/orders", get(|| async { "served" })).layer(TraceServerLayer::new(tracer))
}

/// Returns the time that the requests of one round take.
async fn round(app: &Router) -> Duration {
    let began = Instant::now();
    for _ in 0..REQUESTS {
        let request = Request::get("/orders").body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "served");
    }
    began.elapsed()
}

/// Returns the statistics, which account for every transaction at every moment.
fn accounted(sink: &SentrySink, recorded: u32) -> Statistics {
    let statistics = sink.statistics();
    let Statistics { waiting, handed_over, dropped, .. } = statistics;
    assert_eq!(waiting + handed_over + dropped, u64::from(recorded), "{statistics:?}");
    statistics
}

/// Closes the sink, which then has nothing that waits. The result of the client does not matter.
fn settled(sink: &SentrySink, recorded: u32) -> Statistics {
    let began = Instant::now();
    loop {
        let _sent = sink.close(Duration::from_millis(100));
        let statistics = accounted(sink, recorded);
        if statistics.waiting == 0 {
            return statistics;
        }
        assert!(began.elapsed() < PATIENCE, "{statistics:?} of {recorded}");
    }
}

#[tokio::test]
async fn requests_are_not_slowed_and_all_transactions_are_accounted_for() {
    let limited = "429 Too Many Requests\r\nx-sentry-rate-limits: 60::organization";
    let table = [
        ("it takes all", Some(Answer::Ok)),
        ("a rate limit for all categories", Some(Answer::Status(limited))),
        ("too large", Some(Answer::Status("413 Content Too Large"))),
        ("unavailable", Some(Answer::Status("503 Service Unavailable"))),
        ("it never answers", Some(Answer::Never)),
        ("it hangs up", Some(Answer::HangUp)),
        ("nobody listens", None),
    ];
    let without = app(Tracer::builder().traces_sample_rate(1.0).sink(Nowhere).build().unwrap());
    for (name, answer) in table {
        let collector = answer.map(Collector::open);
        // Port 9 is reserved for discarding data, and no process listens on it.
        let dsn = collector.as_ref().map_or("http://public@127.0.0.1:9/42", |collector| &collector.dsn);
        let sink = SentrySink::new(client(dsn)).unwrap();
        let with = app(sink.tracer().build().unwrap());
        let (mut base, mut time) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            base = base.min(round(&without).await);
            time = time.min(round(&with).await);
        }
        // The delivery threads use processor time. Waiting for a server would take much longer.
        assert!(time < base * 10, "{name}: {time:?} with the sink, {base:?} without");
        accounted(&sink, ROUNDS * REQUESTS);
        let statistics = settled(&sink, ROUNDS * REQUESTS);
        assert!(statistics.handed_over > 0, "{name}: {statistics:?}");
        // A client waits for its transport when it is dropped, and the official ones wait for the server without an end.
        std::thread::spawn(move || drop((with, sink)));
    }
}

#[test]
fn a_rate_limit_for_all_categories_stops_the_client() {
    let limited = "429 Too Many Requests\r\nx-sentry-rate-limits: 60::organization";
    let collector = Collector::open(Answer::Status(limited));
    let sink = SentrySink::new(client(&collector.dsn)).unwrap();
    record(&sink.tracer().build().unwrap(), 10);
    assert!(sink.flush(PATIENCE));
    assert_eq!(sink.statistics().handed_over, 10);
    assert_eq!(collector.arrived().len(), 1);
}

#[test]
fn a_server_that_comes_back_gets_what_is_recorded_from_then_on() {
    for away in [Answer::HangUp, Answer::Status("503 Service Unavailable")] {
        let collector = Collector::open(away);
        let sink = SentrySink::new(client(&collector.dsn)).unwrap();
        let tracer = sink.tracer().build().unwrap();
        record(&tracer, 5);
        assert!(sink.flush(PATIENCE), "{away:?}");
        let _while_away = collector.arrived();
        collector.answer(Answer::Ok);
        record(&tracer, 5);
        assert!(sink.close(PATIENCE), "{away:?}");
        assert_eq!(collector.arrived().len(), 5, "{away:?}");
        assert_eq!(sink.statistics().handed_over, 10, "{away:?}");
    }
}

/// A transport that the test can delay: it takes an envelope when the gate permits it.
struct Gate {
    envelopes: Sender<String>,
    open: std::sync::Mutex<std::sync::mpsc::Receiver<()>>,
}

impl Transport for Gate {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes).unwrap();
        // An empty envelope only makes the client report its own losses.
        if bytes == b"{}\n" {
            return;
        }
        self.envelopes.send(String::from_utf8(bytes).unwrap()).unwrap();
        let _opened = self.open.lock().unwrap().recv();
    }
}

#[test]
fn a_full_queue_drops_and_reports_what_it_dropped() {
    let (envelopes, taken) = channel();
    let (opener, open) = channel();
    let gate = Gate { envelopes, open: open.into() };
    let options = ClientOptions::new()
        .dsn("http://public@127.0.0.1:9/42")
        .traces_sample_rate(1.0)
        .transport(Arc::new(gate));
    let sink = SentrySink::new(Arc::new(Client::from(options))).unwrap();
    let tracer = sink.tracer().build().unwrap();
    record(&tracer, 1);
    // The thread has taken it, so that the queue is empty and has room for a hundred.
    taken.recv_timeout(PATIENCE).unwrap();
    record(&tracer, 107);
    assert_eq!(sink.statistics(), statistics(101, 0, 7));
    assert!(!sink.flush(Duration::ZERO), "the gate is closed");
    drop(opener);
    assert!(sink.close(Duration::MAX));
    assert_eq!(sink.statistics(), statistics(0, 101, 7));
    let report = taken.try_iter().find(|envelope| envelope.contains("client_report")).unwrap();
    assert!(
        report.contains(r#"{"reason":"queue_overflow","category":"transaction","quantity":7}"#),
        "{report}"
    );

    assert!(sink.flush(PATIENCE) && sink.close(PATIENCE), "there is nothing left to do");
    // After the close, no call blocks, and later transactions are counted.
    record(&tracer, 3);
    assert_eq!(sink.statistics(), statistics(0, 101, 10));
    assert!(!sink.flush(PATIENCE) && !sink.close(PATIENCE), "they will never be reported");

    // The thread ends with the sink, and drops the client and its transport.
    drop((sink, tracer));
    assert!(taken.iter().all(|envelope| !envelope.contains("\"transaction\"")));
}

#[test]
fn what_waits_when_the_last_clone_is_dropped_is_still_delivered() {
    let collector = Collector::open(Answer::Ok);
    let sink = SentrySink::new(client(&collector.dsn)).unwrap();
    let tracer = sink.tracer().build().unwrap();
    record(&tracer, 20);
    drop((sink, tracer));
    for _ in 0..20 {
        let _arrives = collector.next("transaction");
    }
}

#[test]
fn a_close_amid_requests_accounts_for_all_of_them() {
    for _ in 0..20 {
        let collector = Collector::open(Answer::Ok);
        let sink = SentrySink::new(client(&collector.dsn)).unwrap();
        let tracer = sink.tracer().build().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| record(&tracer, 200));
            }
            sink.close(PATIENCE);
        });
        let Statistics { handed_over, dropped, .. } = sink.statistics();
        assert_eq!(handed_over + dropped, 400);
    }
}

fn statistics(waiting: u64, handed_over: u64, dropped: u64) -> Statistics {
    let mut statistics = Statistics::default();
    (statistics.waiting, statistics.handed_over, statistics.dropped) = (waiting, handed_over, dropped);
    statistics
}
