use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions, Envelope, Transport};
use trace_core::{Tracer, TracerBuilder, TransactionName};

use super::next;
use crate::{SentrySink, SentrySinkBuilder};

const INTERVAL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn the_factor_grows_step_by_step_and_falls_at_once() {
    let table = [(0, true, 0), (0, false, 1), (1, false, 2), (9, false, 10), (10, false, 10), (10, true, 0)];
    for (before, is_well, after) in table {
        assert_eq!(next(before, is_well), after, "{before} {is_well}");
    }
}

fn options(collector: &Collector) -> SentrySinkBuilder {
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    let mut options = SentrySink::builder(client).enable_backpressure_handling(true);
    options.interval = INTERVAL;
    options
}

/// Waits until the factor satisfies the condition of the test.
fn wait_for(sink: &SentrySink, holds: impl Fn(u32) -> bool) -> u32 {
    let began = Instant::now();
    loop {
        let factor = sink.downsampling().unwrap().factor();
        if holds(factor) {
            return factor;
        }
        assert!(began.elapsed() < PATIENCE, "the factor stays {factor}");
        std::thread::yield_now();
    }
}

fn record(tracer: &Tracer) -> String {
    let root = tracer.service_span("task", TransactionName::task("job")).start();
    root.context().dynamic_sampling_context().get("sample_rate").unwrap_or_default().into_owned()
}

fn tracer(options: TracerBuilder) -> Tracer {
    options.build().unwrap()
}

#[test]
fn a_condition_of_the_application_lowers_the_rate_while_it_holds() {
    let collector = Collector::open(Answer::Ok);
    let is_limited = Arc::new(AtomicBool::new(true));
    let condition = is_limited.clone();
    let sink = options(&collector).unhealthy_when(move || condition.load(Ordering::Relaxed)).build().unwrap();
    wait_for(&sink, |factor| factor == 10);
    let rate: f64 = record(&tracer(sink.tracer())).parse().unwrap();
    assert!((rate - 1.0 / 1024.0).abs() < f64::EPSILON, "the rate that is told is the true one: {rate}");

    // At this rate hardly any of these is sampled, and the unsampled ones count as lost to backpressure.
    let tracer = tracer(sink.tracer());
    (0..50).for_each(|_| drop(record(&tracer)));
    is_limited.store(false, Ordering::Relaxed);
    wait_for(&sink, |factor| factor == 0);
    assert_eq!(record(&tracer), "1");
    assert!(sink.close(PATIENCE));
    let report = collector.next("client_report").item;
    let losses = report["discarded_events"].as_array().unwrap();
    let lost: Vec<_> = losses
        .iter()
        .filter(|loss| loss["reason"] == "backpressure")
        .map(|loss| (loss["category"].as_str().unwrap(), loss["quantity"].as_u64().unwrap()))
        .collect();
    let unsampled = sink.statistics().unsampled;
    assert!(unsampled > 40, "{:?}", sink.statistics());
    assert_eq!(lost, [("transaction", unsampled), ("span", unsampled)]);
}

#[test]
fn a_client_that_cannot_send_lowers_the_rate() {
    let collector = Collector::open(Answer::Never);
    let sink = options(&collector).build().unwrap();
    drop(record(&tracer(sink.tracer())));
    let _taken = collector.next("transaction");
    wait_for(&sink, |factor| factor >= 3);
}

#[test]
fn a_condition_that_panics_does_not_end_the_watch() {
    let collector = Collector::open(Answer::Ok);
    let panics = AtomicBool::new(true);
    let condition = move || !panics.swap(false, Ordering::Relaxed) || panic!("in the condition");
    let sink = options(&collector).unhealthy_when(condition).build().unwrap();
    wait_for(&sink, |factor| factor >= 2);
    assert_eq!(sink.statistics().caught_panics, 1);
}

#[test]
fn a_flush_that_panics_is_no_health() {
    struct Panicking;

    impl Transport for Panicking {
        fn send_envelope(&self, _: Envelope) {}

        fn flush(&self, _: Duration) -> bool {
            panic!("in the flush");
        }
    }

    let options = ClientOptions::new().dsn("http://public@127.0.0.1:9/42").transport(Arc::new(Panicking));
    let mut builder = SentrySink::builder(Arc::new(Client::from(options))).enable_backpressure_handling(true);
    builder.interval = INTERVAL;
    let sink = builder.build().unwrap();
    wait_for(&sink, |factor| factor >= 3 && sink.statistics().caught_panics >= 3);
}

#[test]
fn all_is_well_with_a_server_that_answers() {
    let collector = Collector::open(Answer::Ok);
    let sink = options(&collector).build().unwrap();
    drop(record(&tracer(sink.tracer())));
    let _taken = collector.next("transaction");
    // The sleep is long enough for several checks.
    std::thread::sleep(5 * INTERVAL);
    wait_for(&sink, |factor| factor == 0);
}
