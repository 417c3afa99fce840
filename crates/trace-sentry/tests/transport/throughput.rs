//! The rate at a round trip of 50 ms. It is measured, so it needs an optimized build, and a machine for itself:
//!
//! `cargo test --release -p trace-sentry --features transport --test transport -- --ignored --nocapture throughput`

use std::fs;
use std::time::{Duration, Instant};

use trace_sentry::Transport;

use crate::client::{PATIENCE, client, transaction};
use crate::server::{Mood, Server};

const ENVELOPES: usize = 10_000;

#[test]
#[ignore = "a measurement"]
fn a_thousand_transactions_of_20_spans_a_second() {
    for (name, transport) in [
        ("gzip", Transport::new()),
        ("plain", Transport::new().gzip(false)),
        ("256 requests", Transport::new().max_requests(256)),
        ("1 request", Transport::new().max_requests(1)),
    ] {
        let envelopes = if name == "1 request" { 100 } else { ENVELOPES };
        let server = Server::start(Mood::Slow(Duration::from_millis(50)));
        let client = client(&server, transport.max_envelopes(ENVELOPES).max_bytes(usize::MAX));
        let sent: Vec<_> = (0..envelopes).map(|_| transaction(20)).collect();
        let began = Instant::now();
        sent.into_iter().for_each(|envelope| client.send(envelope));
        let handed_over = began.elapsed();
        client.flush();
        let seconds = began.elapsed().as_secs_f64();
        let arrived = server.accepted();
        assert_eq!(arrived.len(), envelopes);
        let rate = envelopes as f64 / seconds;
        let cpu = cpu_of_the_thread().as_secs_f64() * 1e6 / envelopes as f64;
        println!(
            "{name}: {rate:.0} envelopes/s of {} bytes, {cpu:.1} us CPU each, {:.2} us for the caller, {} connections",
            arrived[0].body.len(),
            handed_over.as_secs_f64() * 1e6 / envelopes as f64,
            server.connections(),
        );
        assert!(name == "1 request" || rate >= 1000.0, "{rate}");
        assert!(client.transport.shutdown(PATIENCE));
    }
}

/// Returns the time that the transport's thread has used so far, as Linux counts it.
fn cpu_of_the_thread() -> Duration {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let is_ours = |name: &str| name.trim() == "trace-sentry-ht";
    let task = tasks
        .map(|task| task.path())
        .find(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| is_ours(&name)));
    let schedule = task.and_then(|task| fs::read_to_string(task.join("schedstat")).ok()).unwrap_or_default();
    Duration::from_nanos(schedule.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0))
}
