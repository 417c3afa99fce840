//! What the server answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The answers to the transactions or spans of all clients.
#[derive(Default)]
pub(super) struct Answers {
    accepted: AtomicU64,
    failure: Mutex<Option<String>>,
}

impl Answers {
    pub(super) fn accepted(&self, units: u64) {
        self.accepted.fetch_add(units, Ordering::Relaxed);
    }

    pub(super) fn failed(&self, failure: String) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }

    /// How many transactions or spans were taken, and the last failure.
    pub(super) fn so_far(&self) -> (u64, Option<String>) {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (self.accepted.load(Ordering::Relaxed), failure)
    }
}
