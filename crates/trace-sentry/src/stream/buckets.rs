//! The buckets of a sink, by trace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::bucket::{Bucket, Total};
use super::ended::EndedSpan;
use super::shard::Shard;
use super::weight;
use crate::counts::{Counts, Reason};

/// The time after which a bucket is sent.
const MAX_AGE: Duration = Duration::from_secs(5);
/// The number of shards. Threads that end spans of different traces rarely meet.
const SHARDS: usize = 32;

/// The buckets that are not full yet.
pub(crate) struct Buckets {
    shards: [Mutex<Shard>; SHARDS],
    total: Arc<Total>,
}

impl Buckets {
    pub(crate) fn new(counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Self { shards: Default::default(), total: Total::new(counts) })
    }

    /// Adds a span. `send` is given its bucket if that is to be sent, under the lock of the trace, so that a span is
    /// always in one place or the other. Returns its result.
    pub(super) fn add<R>(&self, span: EndedSpan, send: impl FnOnce(Bucket) -> R) -> Option<R> {
        let bytes = weight::of(&span);
        self.total.add(bytes);
        let [.., last] = span.streamed.trace_id().to_bytes();
        let mut shard = lock(self.shards.get(usize::from(last) % SHARDS)?);
        shard.add(span, bytes, &self.total).map(send)
    }

    /// Returns whether more waits than may, also in buckets that were taken out.
    pub(super) fn are_too_full(&self) -> bool {
        self.total.is_too_much()
    }

    /// Drops the oldest bucket. Returns whether there was one.
    pub(super) fn drop_oldest(&self) -> bool {
        let oldest =
            self.shards.iter().filter_map(|shard| Some((lock(shard).oldest()?, shard))).min_by_key(|it| it.0);
        let Some((began, shard)) = oldest else { return false };
        // Another thread may have taken it meanwhile.
        let taken = lock(shard).take_oldest(began);
        if let Some(bucket) = taken {
            bucket.lose(Reason::BufferOverflow);
        }
        true
    }

    /// Takes out a bucket that has waited long enough.
    pub(crate) fn take_due(&self) -> Option<Bucket> {
        self.take_begun_by(Instant::now().checked_sub(MAX_AGE)?)
    }

    /// Takes out a bucket that had begun at a time.
    pub(crate) fn take_begun_by(&self, time: Instant) -> Option<Bucket> {
        self.shards.iter().find_map(|shard| lock(shard).take_oldest(time))
    }

    /// Returns the time at which the next bucket will have waited long enough.
    pub(crate) fn next_due(&self) -> Instant {
        let oldest = self.shards.iter().filter_map(|shard| lock(shard).oldest()).min();
        oldest.unwrap_or_else(Instant::now) + MAX_AGE
    }

    /// Drops all buckets, whose spans count as lost.
    pub(crate) fn clear(&self) {
        while let Some(bucket) = self.take_begun_by(Instant::now()) {
            drop(bucket);
        }
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
