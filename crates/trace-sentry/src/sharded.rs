//! A counter for the path of requests: no two busy threads write to the same cache line.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More threads than these share, which costs time but loses nothing.
const SHARDS: usize = 32;

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

#[derive(Debug, Default)]
pub(crate) struct ShardedCounter([Shard; SHARDS]);

/// Two lines of 64 bytes: processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

impl ShardedCounter {
    pub(crate) fn count(&self) {
        // On a thread that is ending, any will do.
        if let Some(Shard(counter)) = self.0.get(OWN.try_with(|own| *own).unwrap_or(0)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What was counted since the last time.
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
