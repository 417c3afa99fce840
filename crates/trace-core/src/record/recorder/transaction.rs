//! The end of a recorder in the static lifecycle: one transaction with all spans that ended in time.

use std::sync::MutexGuard;
use std::time::{Duration, SystemTime};

use super::Recorder;
use super::state::{End, Position, RunningSpan, State};
use crate::clock;
use crate::record::timeline::elapsed_since;
use crate::record::{FinishedTransaction, Outcome, Record, SpanStatus, TraceLifecycle};

/// The limits on the duration of a transaction. There is no timer: the limits are checked when an exchange is polled, a
/// span ends or a guard is released.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    /// The longest time that it waits for guards after its end.
    pub(crate) keep_open: Duration,
    /// The longest duration of the transaction itself.
    pub(crate) max_duration: Option<Duration>,
}

impl Recorder {
    pub(super) fn end_transaction(
        &self,
        mut state: MutexGuard<'_, State>,
        outcome: Outcome,
        status: Option<SpanStatus>,
        at: Option<SystemTime>,
    ) {
        let Some(RunningSpan { span: mut root, began, .. }) = state.take(Position::ServiceSpan) else {
            return;
        };
        let lasted = self.timeline.duration(root.start, began, at);
        let outcome = match self.limits.max_duration {
            Some(longest) if lasted >= longest => {
                root.finish(longest, Outcome::TimedOut.status());
                Outcome::TimedOut
            }
            _ => {
                root.finish(lasted, status);
                outcome
            }
        };
        state.end = Some(End { root, outcome, at: clock::now() });
        self.send_if_ready(state);
    }

    /// Returns whether a transaction has reached its longest duration.
    pub(crate) fn is_overdue(&self) -> bool {
        self.lifecycle == TraceLifecycle::Static
            && self.limits.max_duration.is_some_and(|longest| elapsed_since(self.began) >= longest)
    }

    /// Makes a transaction wait for one more [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.lock().guards += 1;
    }

    pub(crate) fn release(&self) {
        let mut state = self.lock();
        state.guards -= 1;
        self.send_if_ready(state);
    }

    /// Returns whether a transaction takes no more spans, because it has waited long enough or is overdue.
    pub(super) fn is_over(&self, state: &State) -> bool {
        state.end.as_ref().map_or_else(|| self.is_overdue(), |end| self.waits_no_longer_for(end))
    }

    /// Sends the transaction if it has ended and need not wait any more.
    pub(super) fn send_if_ready(&self, mut state: MutexGuard<'_, State>) {
        let is_waiting = |end: &End| state.guards > 0 && !self.waits_no_longer_for(end);
        if state.end.as_ref().is_none_or(is_waiting) {
            return;
        }
        let Some(End { root, outcome, .. }) = state.end.take() else { return };
        state.is_sent = true;
        self.source.freeze();
        let unfinished = state.remove_unfinished();
        let transaction = FinishedTransaction {
            trace_id: self.trace_id,
            sampled: self.sampled,
            // A later change of the name has no effect.
            name: std::mem::take(&mut state.naming).into_name(),
            outcome,
            root,
            spans: std::mem::take(&mut state.ended),
            dropped_spans: state.dropped_spans,
            measurements: std::mem::take(&mut state.measurements),
            sink_data: state.sink_data.take(),
            source: self.source.clone(),
        };
        drop(state);
        self.count_unfinished(unfinished);
        self.sink.receive(Record::Transaction(Box::new(transaction)));
    }

    fn waits_no_longer_for(&self, end: &End) -> bool {
        elapsed_since(end.at) >= self.limits.keep_open
    }
}
