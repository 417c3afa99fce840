//! What becomes of recorded spans, with everybody alike: they are counted and dropped on arrival. Envelopes are kept, and
//! counted by those who wait for them.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

static SPANS: AtomicUsize = AtomicUsize::new(0);

/// Drops what was recorded: so many spans.
pub(crate) fn drop_spans<T>(recorded: T, number: impl FnOnce(&T) -> usize) {
    SPANS.fetch_add(number(&recorded), Relaxed);
    drop(black_box(recorded));
}

/// How many spans were recorded since this was last asked.
pub(crate) fn take() -> usize {
    SPANS.swap(0, Relaxed)
}

/// The number of envelopes so far, and the last of them.
static ENVELOPES: Mutex<(usize, Vec<u8>)> = Mutex::new((0, Vec::new()));
static ARRIVED: Condvar = Condvar::new();

/// Keeps an envelope until the next one comes.
pub(crate) fn keep_envelope(bytes: Vec<u8>) {
    let before = {
        let mut envelopes = ENVELOPES.lock().unwrap();
        envelopes.0 += 1;
        std::mem::replace(&mut envelopes.1, bytes)
    };
    ARRIVED.notify_all();
    drop(before);
}

/// How many envelopes there are so far.
pub(crate) fn envelopes() -> usize {
    ENVELOPES.lock().unwrap().0
}

/// Waits until there are so many envelopes.
pub(crate) fn await_envelopes(number: usize) {
    let envelopes = ENVELOPES.lock().unwrap();
    let patience = Duration::from_secs(60);
    let waited = ARRIVED.wait_timeout_while(envelopes, patience, |envelopes| envelopes.0 < number).unwrap();
    assert!(!waited.1.timed_out(), "an envelope is missing");
}

/// How many spans the last envelope has.
pub(crate) fn spans_of_envelope() -> usize {
    let envelopes = ENVELOPES.lock().unwrap();
    String::from_utf8_lossy(&envelopes.1).matches("\"span_id\":").count()
}
