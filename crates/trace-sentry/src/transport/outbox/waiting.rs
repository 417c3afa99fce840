//! The waits for the queue: of callers until something is sent, and of the thread until there is something to do.

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Outbox, Phase, State};

/// The time that the thread gets to stop after its deadline, so that a close returns with all losses counted.
const GRACE: Duration = Duration::from_millis(100);

/// The end of the thread, however it ends.
pub(crate) struct Ending<'a>(pub(crate) &'a Outbox);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Outbox {
    /// Waits until the fate of everything that was accepted before is known. Returns whether this was so within the
    /// timeout.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let Some(state) = self.lock() else { return false };
        let later = state.next;
        let is_waiting = |state: &State| state.unsettled.first().is_some_and(|ticket| *ticket < later);
        !is_waiting(&self.wait(state, timeout, is_waiting))
    }

    /// Waits until there is room for a transaction or for spans of this size. Returns whether there is.
    pub(crate) fn wait_for_room(&self, size: usize, timeout: Duration) -> bool {
        let Some(state) = self.lock() else { return false };
        let is_waiting = |state: &State| !state.has_room(size) && state.phase == Phase::Open;
        let state = self.wait(state, timeout, is_waiting);
        state.has_room(size) && state.phase == Phase::Open
    }

    /// Returns whether anything is accepted.
    pub(crate) fn is_open(&self) -> bool {
        self.lock_open().is_some()
    }

    /// Accepts nothing more from now on, and gives the thread this time to send the rest.
    pub(crate) fn close(&self, timeout: Duration) {
        let Some(mut state) = self.lock() else { return };
        let deadline = Instant::now().checked_add(timeout);
        state.phase = match state.phase {
            Phase::Open => Phase::Closing(deadline),
            Phase::Closing(earlier) => Phase::Closing([deadline, earlier].into_iter().flatten().min()),
            ended @ Phase::Ended { .. } => ended,
        };
        self.work.notify_one();
        self.changed.notify_all();
    }

    /// Waits for the end of a queue that was closed with this timeout. Returns whether everything was sent in time.
    pub(crate) fn wait_for_end(&self, timeout: Duration) -> bool {
        let Some(state) = self.lock() else { return false };
        let is_waiting = |state: &State| !state.has_ended() || !state.unsettled.is_empty();
        let state = self.wait(state, timeout.saturating_add(GRACE), is_waiting);
        state.phase == Phase::Ended { is_complete: true }
    }

    /// Waits for something to do. Returns `false` if the thread has to end: everything is done, or there is no time.
    pub(crate) async fn has_work(&self) -> bool {
        let Some(deadline) = self.deadline() else { return false };
        let notified = self.work.notified();
        match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline.into(), notified).await.is_ok(),
            None => {
                notified.await;
                true
            }
        }
    }

    /// Returns the time at which the thread has to end, if there is one, or `None` if it has nothing left to do.
    fn deadline(&self) -> Option<Option<Instant>> {
        let mut state = self.lock()?;
        match state.phase {
            Phase::Open => Some(None),
            Phase::Closing(deadline) if !state.unsettled.is_empty() => Some(deadline),
            Phase::Closing(_) => {
                state.phase = Phase::Ended { is_complete: true };
                None
            }
            Phase::Ended { .. } => None,
        }
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        timeout: Duration,
        is_waiting: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout_while(state, timeout, |state| is_waiting(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
