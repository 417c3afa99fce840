//! Panics of the application's callbacks. They are caught, because a panic that leaves a `Drop` while its thread
//! unwinds would abort the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A guard that calls callbacks and counts those that panicked.
///
/// Clones share one count. The panic hook still reports each panic.
///
/// ```
/// use trace_core::CaughtPanics;
///
/// let panics = CaughtPanics::default();
/// assert_eq!(panics.catch(|| 1 + 1), Some(2));
/// assert_eq!(panics.catch(|| -> u32 { panic!("in a callback") }), None);
/// assert_eq!(panics.count(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct CaughtPanics(Arc<AtomicU64>);

impl CaughtPanics {
    /// Returns the number of panics so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Calls `callback`, also while the thread unwinds. Returns `None` if it panicked.
    pub fn catch<R>(&self, callback: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(callback)) {
            Ok(returned) => Some(returned),
            Err(payload) => {
                self.0.fetch_add(1, Ordering::Relaxed);
                // The payload is the callback's own value, and its `Drop` may panic as well.
                if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                    std::mem::forget(payload);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
