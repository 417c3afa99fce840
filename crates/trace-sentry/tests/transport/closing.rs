//! The ends: a flush and a close keep their time, and what is left is counted.

use std::time::{Duration, Instant};

use sentry::{Client, ClientOptions};
use trace_sentry::Transport;

use crate::client::{PATIENCE, Tapped, client, counts, error, transaction};
use crate::server::{Mood, Server};

/// A short time, and the longest that something may take which keeps it.
const SHORT: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

fn tapped(server: &Server) -> Tapped {
    client(server, Transport::new().max_requests(2).max_envelopes(10))
}

#[track_caller]
fn in_time(act: impl FnOnce() -> bool, expected: bool) {
    let began = Instant::now();
    assert_eq!(act(), expected);
    assert!(began.elapsed() < SHORT.1, "{:?}", began.elapsed());
}

#[test]
fn a_flush_keeps_its_time_with_a_full_queue() {
    let server = Server::start(Mood::Silent);
    let tapped = tapped(&server);
    (0..100).for_each(|_| tapped.send(error()));
    in_time(|| tapped.client.flush(Some(SHORT.0)), false);
    in_time(|| tapped.client.flush(Some(Duration::ZERO)), false);
}

#[test]
fn a_close_keeps_its_time_and_counts_what_is_left() {
    let server = Server::start(Mood::Silent);
    let tapped = tapped(&server);
    (0..8).for_each(|_| tapped.send(error()));
    server.wait_for_outstanding(2);
    in_time(|| tapped.transport.shutdown(SHORT.0), false);
    in_time(|| tapped.transport.shutdown(SHORT.0), false);
    // Only a clone of the client can send something after that.
    tapped.send(transaction(1));
    in_time(|| tapped.transport.flush(PATIENCE), true);
    let expected = [
        ("internal_sdk_error span", 2),
        ("internal_sdk_error transaction", 1),
        ("network_error error", 2),
        ("queue_overflow error", 6),
    ];
    assert_eq!(tapped.losses(), counts(&expected));
}

#[test]
fn a_close_of_no_time_counts_everything() {
    let server = Server::start(Mood::Quick);
    let tapped = tapped(&server);
    tapped.transport.shutdown(Duration::ZERO);
    tapped.send(error());
    assert_eq!(tapped.losses(), counts(&[("internal_sdk_error error", 1)]));
}

#[test]
fn a_close_of_endless_time_ends_when_everything_is_sent() {
    let server = Server::start(Mood::Slow(Duration::from_millis(50)));
    let tapped = tapped(&server);
    (0..10).for_each(|_| tapped.send(error()));
    assert!(tapped.transport.shutdown(Duration::MAX) && tapped.transport.shutdown(Duration::MAX));
    assert_eq!(server.accepted().len(), 10);
    assert_eq!(tapped.losses(), counts(&[]));
}

#[test]
fn a_close_ends_a_flush_on_another_thread() {
    let server = Server::start(Mood::Silent);
    let tapped = tapped(&server);
    tapped.send(error());
    server.wait_for_outstanding(1);
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| tapped.transport.flush(PATIENCE));
        in_time(|| tapped.transport.shutdown(Duration::ZERO), false);
        in_time(|| flush.join().is_ok(), true);
    });
}

#[test]
fn a_client_may_be_closed_twice_or_not_at_all() {
    let server = Server::start(Mood::Quick);
    let options = ClientOptions::new().dsn(&server.dsn()).transport(Transport::new().max_requests(1));
    let closed = Client::from_config(options.clone());
    closed.send_envelope(error());
    assert!(closed.close(Some(PATIENCE)) && closed.close(Some(PATIENCE)));
    assert_eq!(server.accepted().len(), 1);

    server.set_mood(Mood::Waiting);
    let dropped = Client::from_config(options);
    (0..3).for_each(|_| dropped.send_envelope(error()));
    server.wait_for_outstanding(1);
    let drop = || {
        drop(dropped);
        true
    };
    in_time(drop, true);
    server.set_mood(Mood::Quick);
    server.wait_for_requests(4);
}
