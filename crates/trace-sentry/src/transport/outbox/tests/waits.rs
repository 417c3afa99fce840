//! Nobody waits for more than was asked for.

use std::sync::Arc;
use std::time::Duration;

use super::super::{LARGEST_TRANSACTION, Sending};
use super::{NOW, event, outbox, transaction, write};
use crate::transport::ledger::{Ledger, losses};
use crate::transport::limits::Category;
use crate::transport::parcel::Outcome;

const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn an_offer_is_refused_if_it_would_displace_its_equals() {
    let ledger = Ledger::new();
    let outbox = outbox(&ledger);
    assert!(outbox.wait_for_room(LARGEST_TRANSACTION, NOW) && !outbox.health().unwrap().has_overflowed);
    outbox.offer(transaction()).unwrap();
    outbox.offer(transaction()).unwrap();
    assert!(!outbox.wait_for_room(LARGEST_TRANSACTION, NOW) && outbox.health().unwrap().has_overflowed);
    assert!(outbox.offer(transaction()).is_err());
    assert_eq!(ledger.take(), losses(&[]));
    std::thread::scope(|scope| {
        // There is room as soon as one of them is being sent.
        let waiting = scope.spawn(|| outbox.wait_for_room(LARGEST_TRANSACTION, PATIENCE));
        let (body, mut sending) = Sending::next(&outbox).unwrap();
        assert!(body.starts_with(b"{}\n{\"type\":\"transaction\"}"));
        assert!(waiting.join().unwrap());
        sending.set_outcome(Outcome::Delivered);
    });
    assert!(outbox.health().unwrap().has_overflowed && !outbox.health().unwrap().has_overflowed);
    assert_eq!(ledger.take(), losses(&[]));
}

#[test]
fn a_flush_waits_for_what_was_sent_before_and_for_no_more() {
    let ledger = Ledger::new();
    let outbox = outbox(&ledger);
    assert!(outbox.flush(NOW));
    outbox.send(event());
    assert!(!outbox.flush(NOW));
    write(&outbox);
    let (_, first) = Sending::next(&outbox).unwrap();
    assert!(!outbox.flush(NOW));
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| outbox.flush(PATIENCE));
        drop(first);
        assert!(flush.join().unwrap());
    });
    outbox.send(event());
    assert!(!outbox.flush(NOW));
}

#[test]
fn a_fork_sends_nothing_counts_everything_and_never_waits() {
    let ledger = Ledger::new();
    let mut outbox = outbox(&ledger);
    outbox.send(event());
    Arc::get_mut(&mut outbox).unwrap().process = 0;
    // A thread that does not exist in the fork may hold the lock.
    let locked = outbox.state.lock().unwrap();
    outbox.send(event());
    assert!(outbox.offer(transaction()).is_err());
    assert!(!outbox.flush(PATIENCE) && !outbox.wait_for_room(LARGEST_TRANSACTION, PATIENCE));
    outbox.close(PATIENCE);
    assert!(!outbox.wait_for_end(PATIENCE) && !outbox.stops(Category::Error));
    assert_eq!(outbox.health(), None);
    drop(locked);
    assert_eq!(ledger.take(), losses(&[("internal_sdk_error error", 1)]));
}
