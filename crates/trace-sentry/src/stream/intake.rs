//! The end at which spans come in.

use std::sync::Arc;

use super::bucket::Bucket;
use super::buckets::Buckets;
use super::ended::EndedSpan;
use crate::queue::Queue;

/// The end at which spans come in, and the queue to the thread that sends full buckets.
pub(crate) struct Intake<T> {
    buckets: Arc<Buckets>,
    full: Queue<T>,
}

impl<T: From<Bucket>> Intake<T> {
    pub(crate) fn new(buckets: Arc<Buckets>, full: Queue<T>) -> Self {
        Self { buckets, full }
    }

    /// Takes an ended span, which never waits. If there is no room, the oldest bucket is dropped as a whole, since half a
    /// trace is worth less than none.
    pub(crate) fn put(&self, span: EndedSpan) {
        // What is evicted is dropped without the lock.
        let evicted = self.buckets.add(span, |bucket| self.full.put(bucket.into()));
        drop(evicted);
        while self.buckets.are_too_full() && self.drop_oldest() {}
        if self.full.room().has_ended() {
            self.buckets.clear();
        }
    }

    /// Drops the oldest bucket: one that waits for the thread, if there is any. Returns whether there was one.
    fn drop_oldest(&self) -> bool {
        self.full.drop_oldest() || self.buckets.drop_oldest()
    }
}
