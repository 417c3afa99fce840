//! The service spans that end at a time although nothing happens.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use slab::Slab;

use crate::clock;
use crate::id::TraceId;
use crate::record::{Recorder, SinkData};

/// The number of shards. Requests that start at the same time rarely meet.
const SHARDS: usize = 32;

/// The time for which no check is planned.
const NEVER: u64 = u64::MAX;

/// The transactions that have to end at a time although nothing happens, for a sink that has a thread.
///
/// The tracer has no thread and no timer. A sink that [requires](crate::Requirements::deadlines) the deadlines calls
/// [`end_due`](Self::end_due) when they are due. Clones share everything. Nothing is kept here for a tracer without
/// limits, nor for a transaction that is not recorded.
///
/// ```
/// use std::sync::mpsc::channel;
/// use std::time::{Duration, Instant};
/// use trace_core::{Deadlines, InMemorySink, Outcome, Record, Requirements, SpanSink, Tracer};
///
/// struct Patient(InMemorySink, Deadlines);
///
/// impl SpanSink for Patient {
///     fn receive(&self, record: Record) {
///         self.0.receive(record);
///     }
///     fn requirements(&self) -> Requirements {
///         Requirements::default().deadlines(self.1.clone())
///     }
/// }
///
/// let (wake, woken) = channel();
/// let deadlines = Deadlines::new(move || _ = wake.send(()), || None);
/// let received = InMemorySink::default();
/// let tracer = Tracer::builder()
///     .traces_sample_rate(1.0)
///     .max_duration(Duration::from_millis(1))
///     .sink(Patient(received.clone(), deadlines.clone()))
///     .build()?;
/// let hanging = tracer.service_span("task", "hangs").start();
/// woken.recv()?;
/// while let Some(next) = deadlines.end_due(|| {}) {
///     std::thread::sleep(next.saturating_duration_since(Instant::now()));
/// }
/// assert_eq!(received.take()[0].outcome, Outcome::TimedOut);
/// # drop(hanging);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Deadlines(Arc<Shared>);

struct Shared {
    shards: [Mutex<Slab<Watched>>; SHARDS],
    /// The zero of `planned`.
    began: Instant,
    /// The time of the next check, in nanoseconds.
    planned: AtomicU64,
    wake: Box<dyn Fn() + Send + Sync>,
    data: Box<dyn Fn() -> Option<SinkData> + Send + Sync>,
}

/// A recorder and the earliest time at which it may be due.
struct Watched {
    due: Option<Instant>,
    recorder: Weak<Recorder>,
}

/// The position of a recorder among those that are watched.
pub(super) type Key = usize;

impl Deadlines {
    /// Returns an empty set. `wake` is called, rarely, on the thread of a request if something is due before the time that
    /// [`end_due`](Self::end_due) last returned; it must not block. A panic in it is [caught and
    /// counted](crate::Tracer::caught_panics). `data` returns the [data](crate::SinkData) of the work
    /// that the calling thread does; it is called when a service span starts that may be ended on another thread, and
    /// kept for it if it was given none.
    #[must_use]
    pub fn new(
        wake: impl Fn() + Send + Sync + 'static,
        data: impl Fn() -> Option<SinkData> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            shards: Default::default(),
            began: clock::now(),
            planned: AtomicU64::new(NEVER),
            wake: Box::new(wake),
            data: Box::new(data),
        }))
    }

    /// Ends the transactions that are due, and calls `after_each` after each of them. Returns the time at which the next
    /// one may be due. The sink receives them on the calling thread.
    pub fn end_due(&self, mut after_each: impl FnMut()) -> Option<Instant> {
        // Whoever adds a deadline after its shard was looked at sees this, and wakes the thread again.
        self.0.planned.store(NEVER, Ordering::SeqCst);
        let now = clock::now();
        for shard in &self.0.shards {
            for (key, recorder) in take_due(shard, now) {
                if let Some(next) = recorder.end_if_due(now) {
                    expect(&mut lock(shard), key, next);
                }
                drop(recorder);
                after_each();
            }
        }
        let next = self.0.shards.iter().filter_map(|shard| earliest(&lock(shard))).min();
        if let Some(next) = next {
            self.0.planned.fetch_min(self.nanoseconds(next), Ordering::SeqCst);
        }
        next
    }

    pub(super) fn data_here(&self) -> Option<SinkData> {
        (self.0.data)()
    }

    /// Watches a recorder that may be due at a time.
    pub(super) fn add(&self, recorder: &Arc<Recorder>, due: Instant) -> Option<Key> {
        let watched = Watched { due: Some(due), recorder: Arc::downgrade(recorder) };
        Some(lock(self.shard(recorder.trace_id())?).insert(watched))
    }

    /// Notes that a recorder may be due earlier than was known.
    pub(super) fn expect(&self, trace_id: TraceId, key: Key, due: Instant) {
        if let Some(shard) = self.shard(trace_id) {
            expect(&mut lock(shard), key, due);
        }
    }

    /// Watches a recorder no longer.
    pub(super) fn remove(&self, trace_id: TraceId, key: Key) {
        if let Some(shard) = self.shard(trace_id) {
            lock(shard).try_remove(key);
        }
    }

    /// Wakes the thread if it would look too late at a recorder that was just [added](Self::add) or is
    /// [expected](Self::expect) earlier.
    pub(super) fn wake_by(&self, due: Instant) {
        let due = self.nanoseconds(due);
        if self.0.planned.fetch_min(due, Ordering::SeqCst) > due {
            (self.0.wake)();
        }
    }

    fn nanoseconds(&self, time: Instant) -> u64 {
        let since: Duration = time.saturating_duration_since(self.0.began);
        u64::try_from(since.as_nanos()).unwrap_or(NEVER - 1)
    }

    fn shard(&self, trace_id: TraceId) -> Option<&Mutex<Slab<Watched>>> {
        let [.., last] = trace_id.to_bytes();
        self.0.shards.get(usize::from(last) % SHARDS)
    }
}

/// Returns the recorders that are due, with their positions. They are looked at without the lock.
fn take_due(shard: &Mutex<Slab<Watched>>, now: Instant) -> Vec<(Key, Arc<Recorder>)> {
    let mut shard = lock(shard);
    let due = shard.iter_mut().filter_map(|(key, watched)| {
        watched.due.take_if(|due| *due <= now)?;
        Some((key, watched.recorder.upgrade()?))
    });
    due.collect()
}

fn expect(shard: &mut Slab<Watched>, key: Key, due: Instant) {
    if let Some(watched) = shard.get_mut(key) {
        watched.due = Some(watched.due.map_or(due, |known| known.min(due)));
    }
}

fn earliest(shard: &Slab<Watched>) -> Option<Instant> {
    shard.iter().filter_map(|(_, watched)| watched.due).min()
}

fn lock(shard: &Mutex<Slab<Watched>>) -> MutexGuard<'_, Slab<Watched>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Deadlines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadlines").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
