//! Nothing is lost unseen: what was sent is what was accepted, what the server refused, and what was reported.

use std::time::{Duration, Instant};

use trace_sentry::Transport;

use crate::client::{Account, PATIENCE, bytes, client, counts, error, transaction};
use crate::server::{Mood, Server};

/// The number of errors, and of transactions, that each test sends.
const SENT: u64 = 100;

#[test]
fn everything_sent_has_arrived_or_is_reported_whatever_the_server_does() {
    let slow = Mood::Slow(Duration::from_millis(50));
    let limited = "429 Too Many Requests\r\nx-sentry-rate-limits: 3600:transaction;error:key";
    let table: [(&str, Mood, &[&str]); 14] = [
        ("quick", Mood::Quick, &[]),
        ("slow", slow, &[]),
        ("silent", Mood::Silent, &["network_error"]),
        ("hangs up", Mood::HangUp, &["network_error"]),
        ("breaks in the head", Mood::HalfHead, &["network_error"]),
        ("breaks in the body", Mood::HalfBody, &[]),
        ("one byte a second", Mood::Drip, &["network_error"]),
        ("rate limits", Mood::Status(limited), &["ratelimit_backoff"]),
        ("too large", Mood::Status("413 Payload Too Large"), &["send_error"]),
        ("unavailable", Mood::Status("503 Service Unavailable"), &["send_error"]),
        ("not allowed", Mood::Status("403 Forbidden"), &["send_error"]),
        ("moved", Mood::Status("307 Temporary Redirect\r\nlocation: /api/42/envelope/"), &["send_error"]),
        ("not modified", Mood::Status("304 Not Modified"), &["send_error"]),
        ("no HTTP", Mood::Status("hello"), &["network_error"]),
    ];
    for (name, mood, reasons) in table {
        let server = Server::start(mood);
        let timeout = match mood {
            Mood::Silent | Mood::Drip => Duration::from_millis(300),
            _ => PATIENCE,
        };
        let client = client(&server, Transport::new().timeout(timeout));
        for _ in 0..SENT {
            client.send(error());
            client.send(transaction(3));
        }
        client.flush();
        let account = Account::settle(&server, &client);
        let sent = counts(&[("error", SENT), ("span", 4 * SENT), ("transaction", SENT)]);
        assert_eq!(account.total(), sent, "{name}: {account:?}");
        assert_eq!(account.reasons(), reasons, "{name}");
        assert_eq!(!account.refused.is_empty(), name == "rate limits", "{name}");
    }
}

#[test]
fn a_server_that_comes_back_gets_what_still_waits() {
    let server = Server::start(Mood::Silent);
    let client = client(&server, Transport::new().max_requests(4).max_envelopes(50));
    (0..SENT).for_each(|_| client.send(transaction(0)));
    server.wait_for_outstanding(4);
    let account = Account::settle(&server, &client);
    assert_eq!(account.total(), counts(&[("span", SENT), ("transaction", SENT)]));
    assert_eq!(account.reported["network_error transaction"], 4);
    assert!(account.accepted["transaction"] >= 50, "{account:?}");
}

#[test]
fn a_server_that_changes_its_mood_all_the_time_is_accounted_for() {
    let moods = [
        Mood::Quick,
        Mood::HangUp,
        Mood::Slow(Duration::from_millis(5)),
        Mood::Status("429 Too Many Requests\r\nx-sentry-rate-limits: 0.01:transaction:key"),
        Mood::HalfHead,
        Mood::Status("503 Service Unavailable\r\nretry-after: 0.01"),
        Mood::HalfBody,
        Mood::Status("200 OK\r\nx-sentry-rate-limits: 0.01:error:key, 0.02:unheard_of:key"),
    ];
    let server = Server::start(Mood::Quick);
    let client = client(&server, Transport::new().max_requests(8).max_envelopes(20));
    let (mut errors, mut transactions) = (0, 0);
    for mood in moods.iter().cycle().take(64) {
        server.set_mood(*mood);
        let read = server.requests();
        // A limit of the last mood may stop everything at first.
        while server.requests() == read {
            for _ in 0..4 {
                (0..10).for_each(|_| client.send(transaction(1)));
                (0..5).for_each(|_| client.send(error()));
                // Reports travel, and are lost, together with the rest.
                client.client.send_envelope(error());
                errors += 6;
                transactions += 10;
            }
            client.flush();
        }
    }
    let account = Account::settle(&server, &client);
    let sent = counts(&[("error", errors), ("span", 2 * transactions), ("transaction", transactions)]);
    assert_eq!(account.total(), sent, "{account:?}");
    let reasons = account.reasons();
    for reason in ["network_error", "queue_overflow", "ratelimit_backoff", "send_error"] {
        assert!(reasons.contains(&reason), "{account:?}");
    }
}

#[test]
fn the_queue_is_bounded_by_bytes() {
    let server = Server::start(Mood::Waiting);
    let size = bytes(&transaction(20)).len();
    let client = client(&server, Transport::new().max_requests(1).max_bytes(10 * size));
    client.send(transaction(100));
    (0..SENT).for_each(|_| client.send(transaction(20)));
    let account = Account::settle(&server, &client);
    let transactions = SENT + u64::from(account.total()["span"] != 21 * SENT);
    assert_eq!(account.total()["transaction"], transactions);
    assert!((5..=10).contains(&account.accepted["transaction"]), "{account:?}");
}

#[test]
fn a_rate_limit_stops_its_category_alone_and_only_for_its_time() {
    let server = Server::start(Mood::Status("200 OK\r\nx-sentry-rate-limits: 1:transaction:key"));
    let client = client(&server, Transport::new());
    let began = Instant::now();
    client.send(error());
    client.flush();
    server.set_mood(Mood::Quick);
    client.send(transaction(2));
    client.send(error());
    client.flush();
    let arrived = server.accepted();
    assert!(arrived.len() == 2 && began.elapsed() < Duration::from_secs(1), "{arrived:?}");
    while server.accepted().is_empty() {
        assert!(began.elapsed() < PATIENCE);
        client.send(transaction(2));
        client.flush();
    }
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(client.losses().len(), 2);
}
