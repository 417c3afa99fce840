//! The numbers of layers, by which a span knows the layer that enters it.
//!
//! A counted reference to the layer would be changed by each recorded span, on all threads at once.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

static IN_USE: RwLock<Vec<NonZeroU64>> = RwLock::new(Vec::new());

/// The number of a layer. No two layers of a process have the same.
#[derive(Debug)]
pub(crate) struct Number(NonZeroU64);

impl Number {
    pub(crate) fn get(&self) -> NonZeroU64 {
        self.0
    }
}

impl Default for Number {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = NonZeroU64::MIN.saturating_add(LAST.fetch_add(1, Ordering::Relaxed));
        IN_USE.write().unwrap_or_else(PoisonError::into_inner).push(number);
        Self(number)
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        IN_USE.write().unwrap_or_else(PoisonError::into_inner).retain(|number| *number != self.0);
    }
}

/// Returns whether the layer with a number still exists.
pub(crate) fn is_in_use(number: NonZeroU64) -> bool {
    IN_USE.read().unwrap_or_else(PoisonError::into_inner).contains(&number)
}
