//! Each envelope has one fate, which is counted once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, StatusCode};
use sentry_core::Envelope;
use sentry_core::protocol::client_report::Reason;

use super::super::{Bounds, Ending, Outbox, Sending, UNWRITTEN};
use super::{NOW, event, outbox, transaction, write};
use crate::transport::ledger::{Ledger, losses};
use crate::transport::limits::{self, Category};
use crate::transport::parcel::Outcome;

fn limit(outbox: &Outbox, header: &'static str) {
    let mut headers = HeaderMap::new();
    headers.insert("x-sentry-rate-limits", header.parse().unwrap());
    outbox.add_limits(&limits::of_response(StatusCode::OK, &headers, SystemTime::now()));
}

#[test]
fn every_fate_is_counted_once() {
    type Row<'a> = (&'a str, fn(&Arc<Outbox>), &'a [(&'a str, u64)]);
    fn sent(outbox: &Arc<Outbox>) -> Sending {
        outbox.send(event());
        write(outbox);
        Sending::next(outbox).unwrap().1
    }
    let table: &[Row<'_>] = &[
        ("delivered", |outbox| sent(outbox).set_outcome(Outcome::Delivered), &[]),
        ("refused", |outbox| sent(outbox).set_outcome(Outcome::Refused), &[]),
        (
            "failed",
            |outbox| sent(outbox).set_outcome(Outcome::Lost(Reason::SendError)),
            &[("send_error error", 1)],
        ),
        ("aborted", |outbox| drop(sent(outbox)), &[("network_error error", 1)]),
        (
            "panicked",
            |outbox| {
                let _caught = catch_unwind(AssertUnwindSafe(|| {
                    let _sending = sent(outbox);
                    std::panic::resume_unwind(Box::new("on purpose"));
                }));
            },
            &[("network_error error", 1)],
        ),
        (
            "limited",
            |outbox| {
                limit(outbox, "60:error:key");
                outbox.send(event());
                write(outbox);
                assert!(Sending::next(outbox).is_none());
                assert!(outbox.stops(Category::Error) && !outbox.stops(Category::Transaction));
                assert!(outbox.health().unwrap().is_limited);
            },
            &[("ratelimit_backoff error", 1)],
        ),
        (
            "too many at once",
            |outbox| {
                (0..5).for_each(|_| outbox.send(event()));
                assert!(!outbox.health().unwrap().has_overflowed);
                write(outbox);
                assert!(outbox.health().unwrap().has_overflowed);
                while Sending::next(outbox).is_some() {}
            },
            &[("queue_overflow error", 3), ("network_error error", 2)],
        ),
        (
            "too many in all",
            |outbox| {
                for _ in 0..5 {
                    outbox.send(event());
                    write(outbox);
                }
                while Sending::next(outbox).is_some() {}
            },
            &[("queue_overflow error", 3), ("network_error error", 2)],
        ),
        (
            "more than wait to be written",
            |outbox| (0..UNWRITTEN + 3).for_each(|_| outbox.send(event())),
            &[("queue_overflow error", UNWRITTEN as u64 + 3)],
        ),
        ("nothing to send", |outbox| outbox.send(Envelope::new()), &[]),
        (
            "an unfinished end",
            |outbox| (0..2).for_each(|_| outbox.send(event())),
            &[("queue_overflow error", 2)],
        ),
        (
            "an unfinished end after writing",
            |outbox| {
                outbox.send(event());
                write(outbox);
                outbox.offer(transaction()).unwrap();
            },
            &[("queue_overflow error", 1), ("queue_overflow transaction", 1), ("queue_overflow span", 3)],
        ),
        (
            "after the end",
            |outbox| {
                drop(Ending(outbox));
                outbox.send(event());
                assert!(outbox.offer(transaction()).is_err());
            },
            &[("internal_sdk_error error", 1)],
        ),
    ];
    for (name, act, expected) in table {
        let ledger = Ledger::new();
        let outbox = outbox(&ledger);
        act(&outbox);
        drop(Ending(&outbox));
        assert_eq!(ledger.take(), losses(expected), "{name}");
        assert!(outbox.flush(NOW), "{name}");
    }
}

#[test]
fn errors_displace_transactions_and_both_displace_logs() {
    let ledger = Ledger::new();
    let outbox = Outbox::new(ledger.recorder(), Bounds { entries: 4, bytes: 10 * 1024 * 1024 }, 4);
    let raw = |kind: &str, payload: &str| {
        let bytes = format!("{{}}\n{{\"type\":\"{kind}\"}}\n{payload}\n");
        outbox.send(Envelope::from_bytes_raw(bytes.into_bytes()).unwrap());
        write(&outbox);
    };
    let log = r#"{"items":[{"level":"info","body":"abc","timestamp":1.0}]}"#;
    (0..3).for_each(|_| raw("log", log));
    raw("event", "{}");
    (0..3).for_each(|number| raw("transaction", &format!(r#"{{"transaction":"{number}","spans":[{{}}]}}"#)));
    raw("check_in", "{}");
    raw("log", log);
    let lost = [
        ("queue_overflow log_byte", 12),
        ("queue_overflow log_item", 4),
        ("queue_overflow span", 2),
        ("queue_overflow transaction", 1),
    ];
    assert_eq!(ledger.take(), losses(&lost));
    let sent: Vec<_> = std::iter::from_fn(|| Sending::next(&outbox)).collect();
    let sent: String = sent.iter().map(|(body, _)| String::from_utf8_lossy(body)).collect();
    let places = ["event", "check_in", "transaction\":\"1", "transaction\":\"2"].map(|text| sent.find(text));
    assert!(places.is_sorted() && !places.contains(&None), "{sent}");
}
