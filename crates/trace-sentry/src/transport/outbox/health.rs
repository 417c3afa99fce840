//! The state of the delivery, for those who decide how much to record.

use std::time::Instant;

use super::{LARGEST_TRANSACTION, Outbox, State};
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

/// The most failures that are printed, each once. A proxy may put anything into its answers.
const MOST_TOLD: usize = 20;

impl Outbox {
    pub(crate) fn set_failure(&self, failure: String) {
        if let Some(mut state) = self.lock() {
            state.tell(&failure);
            state.failure = Some(failure);
        }
    }

    /// Prints each kind of failure once from now on, also the last one.
    pub(crate) fn tell_failures(&self) {
        if let Some(mut state) = self.lock() {
            state.told.get_or_insert_default();
            if let Some(failure) = state.failure.take() {
                state.tell(&failure);
                state.failure = Some(failure);
            }
        }
    }

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

impl State {
    fn tell(&mut self, failure: &str) {
        if let Some(told) = &mut self.told
            && told.len() < MOST_TOLD
            && told.insert(failure.to_owned())
        {
            tell(failure);
        }
    }
}

#[expect(clippy::print_stderr, reason = "the option `debug` of the client asks for it")]
fn tell(failure: &str) {
    eprintln!("trace-sentry: an envelope was not delivered: {failure}");
}
