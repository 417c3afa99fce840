//! A counter for the path of requests, with shards that keep busy threads from writing to the same cache line.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The number of shards. More threads than these share them, which costs time but loses no counts.
const SHARDS: usize = 32;

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

#[derive(Debug, Default)]
pub(crate) struct ShardedCounter([Shard; SHARDS]);

/// A counter in two cache lines of 64 bytes, because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

impl ShardedCounter {
    pub(crate) fn count(&self) {
        // A thread that is ending may use any shard.
        if let Some(Shard(counter)) = self.0.get(OWN.try_with(|own| *own).unwrap_or(0)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns the count since the last call, and resets it.
    pub(crate) fn take(&self) -> u64 {
        self.0.iter().map(|Shard(counter)| counter.swap(0, Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{SHARDS, ShardedCounter};

    #[test]
    fn nothing_is_lost_between_threads() {
        let counter = ShardedCounter::default();
        let mut taken = 0;
        std::thread::scope(|scope| {
            for _ in 0..2 * SHARDS {
                scope.spawn(|| (0..1000).for_each(|_| counter.count()));
            }
            taken += counter.take();
        });
        assert_eq!(taken + counter.take(), 2 * SHARDS as u64 * 1000);
        assert_eq!(counter.take(), 0);
    }
}
