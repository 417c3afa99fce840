//! The times at which a transaction has to end although nothing happens.

use std::sync::Arc;
use std::time::Instant;

use super::Recorder;
use super::state::State;
use crate::record::{Outcome, TraceLifecycle};

impl Recorder {
    /// Has the sink watch the transaction, if it watches deadlines. The state must not be locked.
    pub(super) fn watch(self: &Arc<Self>) {
        // In the condition, the lock would be held while the sink is woken.
        let due = self.due(&self.lock());
        if let Some(due) = due {
            self.watch_until(due);
        }
    }

    /// Has the sink look at the transaction at a time, if it watches deadlines.
    pub(super) fn watch_until(self: &Arc<Self>, due: Instant) {
        let Some(deadlines) = &self.destination.deadlines else { return };
        match self.watched.get() {
            Some(key) => deadlines.expect(self.trace_id, *key, due),
            None => {
                if let Some(key) = deadlines.add(self, due) {
                    let _only_once = self.watched.set(key);
                }
            }
        }
        let _panicked = self.destination.panics.catch(|| deadlines.wake_by(due));
    }

    /// Ends or sends the transaction if it is due. Returns the time at which it may be due next.
    pub(in crate::record) fn end_if_due(self: &Arc<Self>, now: Instant) -> Option<Instant> {
        let state = self.lock();
        match self.due(&state) {
            Some(due) if due <= now && state.end.is_some() => self.send(state),
            Some(due) if due <= now => {
                let lasted = due.saturating_duration_since(self.began);
                self.end_after(state, lasted, Outcome::TimedOut, Outcome::TimedOut.status());
            }
            later => return later,
        }
        self.due(&self.lock())
    }

    /// Returns the time at which the transaction ends, or need not wait any more, if nothing happens until then.
    pub(super) fn due(&self, state: &State) -> Option<Instant> {
        let limits = &self.destination.limits;
        if state.is_sent || self.destination.lifecycle == TraceLifecycle::Stream {
            return None;
        }
        let (from, longest) = match &state.end {
            Some(end) => (end.at, Some(limits.keep_open)),
            None => (self.began, limits.max_duration),
        };
        let over = longest.and_then(|longest| from.checked_add(longest));
        let idle = limits.idle_timeout.and_then(|idle| from.max(state.active).checked_add(idle));
        over.into_iter().chain(idle).min()
    }

    /// Notes that a span started or ended, if that postpones a deadline.
    #[inline]
    pub(super) fn note_activity(&self, state: &mut State) {
        if self.destination.limits.idle_timeout.is_some() {
            state.active = crate::clock::now();
        }
    }
}

impl Drop for Recorder {
    #[inline]
    fn drop(&mut self) {
        if let (Some(key), Some(deadlines)) = (self.watched.get(), &self.destination.deadlines) {
            deadlines.remove(self.trace_id, *key);
        }
    }
}
