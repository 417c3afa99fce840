//! The state of the delivery, for those who decide how much to record.

use std::time::Instant;

use super::{LARGEST_TRANSACTION, Outbox};
use crate::transport::limits::Category;

/// The state of the delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Health {
    /// The server limits the rate of at least one category.
    pub(crate) is_limited: bool,
    /// There is no room for a transaction, or something was dropped for lack of room since the last call.
    pub(crate) has_overflowed: bool,
    /// The last failure: of a connection, or the status of a response. It has no secrets.
    pub(crate) failure: Option<String>,
}

impl Outbox {
    /// Returns the state of the delivery. In a fork, which sends nothing, there is none.
    pub(crate) fn health(&self) -> Option<Health> {
        let mut state = self.lock()?;
        let has_overflowed =
            std::mem::take(&mut state.has_overflowed) || !state.has_room(LARGEST_TRANSACTION);
        let is_limited = state.limits.are_active(Instant::now());
        Some(Health { is_limited, has_overflowed, failure: state.failure.clone() })
    }

    /// Returns whether rate limits stop this category now, so that nothing of it has to be written.
    pub(crate) fn stops(&self, category: Category) -> bool {
        self.lock().is_some_and(|state| state.limits.stop(category, Instant::now()))
    }
}
