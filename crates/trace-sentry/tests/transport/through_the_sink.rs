//! Transactions and streamed spans from the tracer to the server: every one has arrived, is reported as lost, or was refused
//! with 429, which the server counts itself.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sentry::{Client, ClientOptions, TransportFactory, TransportOptions};
use serde_json::Value;
use trace_core::{TraceLifecycle, Tracer};
use trace_sentry::{SentrySink, Statistics, Transport};

use crate::server::{Mood, Request, Server};

const PATIENCE: Duration = Duration::from_secs(20);
/// More than what waits in the sink, so that some overflow where the server does not keep up.
const BURST: u64 = 300;
const SPANS: u64 = 3;

fn record(tracer: &Tracer, transactions: u64) {
    for _ in 0..transactions {
        let job = tracer.service_span("task", "job").start();
        (0..SPANS).for_each(|_| job.start_span("function", "work").end());
    }
}

/// Checks that nothing is lost unseen at this moment.
fn check(sink: &SentrySink, lifecycle: TraceLifecycle, recorded: u64, name: &str) {
    let recorded = match lifecycle {
        TraceLifecycle::Stream => recorded * (SPANS + 1),
        _ => recorded,
    };
    let statistics = sink.statistics();
    let Statistics { waiting, handed_over, dropped, .. } = statistics;
    assert_eq!(waiting + handed_over + dropped, recorded, "{name}: {statistics:?}");
}

/// Returns the numbers of transactions and spans that arrived, and of those that were reported as lost.
fn totals(requests: &[Request]) -> [[u64; 2]; 2] {
    let (mut arrived, mut reported) = ([0, 0], [0, 0]);
    for (kind, item) in requests.iter().flat_map(Request::items) {
        match &*kind {
            "transaction" => {
                arrived[0] += 1;
                arrived[1] += item["spans"].as_array().unwrap().len() as u64 + 1;
            }
            "span" => arrived[1] += item["items"].as_array().unwrap().len() as u64,
            "client_report" => {
                for loss in item["discarded_events"].as_array().unwrap() {
                    let place = usize::from(loss["category"] == "span");
                    reported[place] += loss["quantity"].as_u64().unwrap();
                }
            }
            _ => {}
        }
    }
    [arrived, reported]
}

/// Returns a streamed span that arrived more than once.
fn arrives_twice(requests: &[Request]) -> Option<Value> {
    let items: Vec<_> =
        requests.iter().flat_map(Request::items).filter(|(kind, _)| &**kind == "span").collect();
    let mut ids =
        items.iter().flat_map(|(_, item)| item["items"].as_array().unwrap()).map(|span| &span["span_id"]);
    let mut known = HashSet::new();
    ids.find(|id| !known.insert(*id)).cloned()
}

#[test]
fn everything_is_accounted_for_whatever_the_server_does() {
    everything_is_accounted_for(TraceLifecycle::Static);
}

#[test]
fn every_streamed_span_is_accounted_for_whatever_the_server_does() {
    everything_is_accounted_for(TraceLifecycle::Stream);
}

fn everything_is_accounted_for(lifecycle: TraceLifecycle) {
    let limited = "429 Too Many Requests\r\nx-sentry-rate-limits: 60:transaction;span:organization";
    let table = [
        ("quick", Mood::Quick),
        ("50 ms", Mood::Slow(Duration::from_millis(50))),
        ("500 ms", Mood::Slow(Duration::from_millis(500))),
        ("silent", Mood::Silent),
        ("limited", Mood::Status(limited)),
        ("too large", Mood::Status("413 Content Too Large")),
        ("unavailable", Mood::Status("503 Service Unavailable")),
        ("broken in the head", Mood::HalfHead),
        ("broken in the body", Mood::HalfBody),
        ("hangs up", Mood::HangUp),
    ];
    for (name, mood) in table {
        let server = Server::start(mood);
        let transport = Transport::new().max_requests(4).timeout(Duration::from_secs(2));
        let options = ClientOptions::new().dsn(&server.dsn()).traces_sample_rate(1.0).transport(transport);
        let client = Arc::new(Client::from(sentry::apply_defaults(options)));
        let sink = SentrySink::builder(client.clone()).trace_lifecycle(lifecycle).build().unwrap();
        let tracer = sink.tracer().build().unwrap();

        let began = Instant::now();
        record(&tracer, BURST);
        assert!(began.elapsed() < Duration::from_secs(2), "{name}: no request waits");
        check(&sink, lifecycle, BURST, name);
        server.wait_for_requests(1);
        check(&sink, lifecycle, BURST, name);

        // The server comes back.
        server.set_mood(Mood::Quick);
        record(&tracer, BURST);
        assert!(sink.flush(PATIENCE), "{name}");
        check(&sink, lifecycle, 2 * BURST, name);
        // What was lost in the first flush is reported by the second one.
        assert!(sink.flush(PATIENCE), "{name}");
        client.close(Some(PATIENCE));

        let [arrived, reported] = totals(&server.accepted());
        let refused = totals(&server.refused())[0];
        assert_eq!(arrives_twice(&server.accepted()), None, "{name}");
        let sum = [0, 1].map(|place| arrived[place] + reported[place] + refused[place]);
        let transactions = if lifecycle == TraceLifecycle::Stream { 0 } else { 2 * BURST };
        assert_eq!(
            sum,
            [transactions, 2 * BURST * (SPANS + 1)],
            "{name}: {arrived:?} {reported:?} {refused:?}"
        );
        assert_eq!(sink.statistics().waiting, 0, "{name}");
        match name {
            "quick" | "50 ms" | "500 ms" | "broken in the body" => assert!(arrived[1] > 0, "{name}"),
            "limited" => assert!(refused[1] > 0, "{name}"),
            _ => assert!(reported[1] > 0 && arrived[1] > 0, "{name}"),
        }
    }
}

/// Minutes of this in an optimized build with more moods are a soak: nothing is lost unseen, and memory stays flat.
#[test]
fn nothing_is_lost_unseen_while_the_server_changes_its_mood() {
    let limited = "429 Too Many Requests\r\nx-sentry-rate-limits: 0:transaction:organization";
    let moods = [
        Mood::Quick,
        Mood::Status("503 Service Unavailable"),
        Mood::HangUp,
        Mood::Slow(Duration::from_millis(20)),
        Mood::Status(limited),
        Mood::HalfBody,
        Mood::Silent,
        Mood::Status("413 Content Too Large"),
    ];
    let server = Server::start(Mood::Quick);
    let transport = Transport::new().timeout(Duration::from_secs(1));
    let options = ClientOptions::new().dsn(&server.dsn()).traces_sample_rate(1.0).transport(transport);
    let client = Arc::new(Client::from(sentry::apply_defaults(options)));
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();

    let began = Instant::now();
    let mut recorded = 0;
    while began.elapsed() < Duration::from_secs(3) {
        let number = began.elapsed().as_millis() as usize / 100;
        server.set_mood(moods[number % moods.len()]);
        record(&tracer, 5);
        recorded += 5;
        check(&sink, TraceLifecycle::Static, recorded, "while it runs");
        std::thread::yield_now();
    }
    server.set_mood(Mood::Quick);
    assert!(sink.flush(PATIENCE) && sink.flush(PATIENCE));
    client.close(Some(PATIENCE));
    let [arrived, reported] = totals(&server.accepted());
    let refused = totals(&server.refused())[0];
    let sum = [0, 1].map(|place| arrived[place] + reported[place] + refused[place]);
    assert_eq!(sum, [recorded, recorded * (SPANS + 1)], "{arrived:?} {reported:?} {refused:?}");
    assert!(arrived[0] > 0 && reported[0] > 0, "{arrived:?} {reported:?}");
}

#[test]
fn over_an_official_transport_what_the_server_takes_arrives_and_the_rest_is_reported() {
    for (name, mood) in [("quick", Mood::Quick), ("slow", Mood::Slow(Duration::from_millis(5)))] {
        let server = Server::start(mood);
        let options = ClientOptions::new().dsn(&server.dsn()).traces_sample_rate(1.0);
        let sink = SentrySink::new(Arc::new(Client::from(sentry::apply_defaults(options)))).unwrap();
        let tracer = sink.tracer().build().unwrap();
        record(&tracer, BURST);
        check(&sink, TraceLifecycle::Static, BURST, name);
        assert!(sink.close(PATIENCE), "{name}");
        let [arrived, reported] = totals(&server.accepted());
        let sum = [0, 1].map(|place| arrived[place] + reported[place]);
        assert_eq!(sum, [BURST, BURST * (SPANS + 1)], "{name}: {arrived:?} {reported:?}");
    }
}

/// A transport of the application that passes everything on to two of ours.
struct Doubled([Arc<dyn sentry::Transport>; 2], Arc<AtomicUsize>);

impl sentry::Transport for Doubled {
    fn send_envelope(&self, envelope: sentry::Envelope) {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.iter().for_each(|transport| transport.send_envelope(envelope.clone()));
    }

    fn flush(&self, timeout: Duration) -> bool {
        self.0.iter().all(|transport| transport.flush(timeout))
    }
}

#[test]
fn a_transport_of_the_application_round_ours_sees_everything() {
    let servers = [(); 2].map(|()| Server::start(Mood::Quick));
    let seen = Arc::<AtomicUsize>::default();
    let options = |server: &Server| ClientOptions::new().dsn(&server.dsn()).traces_sample_rate(1.0);
    let transports = servers.each_ref().map(|server| {
        let options = TransportOptions::try_from_client_options(&options(server)).unwrap();
        Transport::new().create_transport_with_options(options)
    });
    let doubled = Arc::new(Doubled(transports, seen.clone()));
    let client = Arc::new(Client::from_config(options(&servers[0]).transport(doubled)));
    let sink = SentrySink::new(client).unwrap();
    record(&sink.tracer().build().unwrap(), 20);
    assert!(sink.flush(PATIENCE));
    check(&sink, TraceLifecycle::Static, 20, "doubled");
    assert_eq!(servers.map(|server| totals(&server.accepted())), [[[20, 20 * (SPANS + 1)], [0, 0]]; 2]);
    assert!(seen.load(Ordering::Relaxed) >= 20);
}

#[test]
fn a_transport_without_room_for_anything_is_a_full_queue() {
    let server = Server::start(Mood::Quick);
    let options = ClientOptions::new().dsn(&server.dsn()).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(options.transport(Transport::new().max_bytes(1000))));
    let sink = SentrySink::new(client).unwrap();
    record(&sink.tracer().build().unwrap(), 5);
    assert!(!sink.flush(PATIENCE), "not even a report has room");
    assert_eq!((sink.statistics().dropped, sink.statistics().waiting), (5, 0));
    assert!(server.accepted().is_empty());
}
