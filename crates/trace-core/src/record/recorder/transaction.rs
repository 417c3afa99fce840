//! The end of a recorder in the static lifecycle: one transaction with all spans that ended in time.

use std::sync::{Arc, MutexGuard};
use std::time::{Duration, SystemTime};

use super::state::{End, Position, RunningSpan, State};
use super::{MAX_SPANS, Recorder};
use crate::clock;
use crate::record::timeline::elapsed_since;
use crate::record::{FinishedTransaction, Outcome, Record, SpanStatus, TraceLifecycle};

/// The limits on the duration of a transaction. They are checked when an exchange is polled, a span ends or a guard is
/// released, and by the sink if it watches [deadlines](crate::Deadlines).
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The longest time that it waits for guards after its end.
    pub(crate) keep_open: Duration,
    /// The longest duration of the transaction itself.
    pub(crate) max_duration: Option<Duration>,
    /// The longest time in which no span starts or ends.
    pub(crate) idle_timeout: Option<Duration>,
}

/// The maximum time for which Sentry's SDKs keep an idle transaction open.
const KEEP_OPEN: Duration = Duration::from_secs(30);

impl Default for Limits {
    fn default() -> Self {
        Self { keep_open: KEEP_OPEN, max_duration: None, idle_timeout: None }
    }
}

impl Limits {
    /// Returns whether a transaction may have to be ended while it runs.
    pub(crate) fn may_end_a_running_one(&self) -> bool {
        self.max_duration.is_some() || self.idle_timeout.is_some()
    }
}

impl Recorder {
    pub(super) fn end_transaction(
        self: &Arc<Self>,
        state: MutexGuard<'_, State>,
        outcome: Outcome,
        status: Option<SpanStatus>,
        at: Option<SystemTime>,
    ) {
        let Some(RunningSpan { span, began, .. }) = &state.service_span else { return };
        let lasted = self.timeline.duration(span.start, *began, at);
        self.end_after(state, lasted, outcome, status);
    }

    /// Ends the service span after it has lasted for a time.
    pub(super) fn end_after(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        lasted: Duration,
        outcome: Outcome,
        status: Option<SpanStatus>,
    ) {
        let Some(RunningSpan { span: mut root, .. }) = state.take(Position::ServiceSpan) else { return };
        let outcome = match self.destination.limits.max_duration {
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
        if self.waits(&state) {
            let due = self.due(&state);
            drop(state);
            due.into_iter().for_each(|due| self.watch_until(due));
        } else {
            self.send(state);
        }
    }

    /// Returns whether a transaction has reached its longest duration.
    pub(crate) fn is_overdue(&self) -> bool {
        self.destination.lifecycle == TraceLifecycle::Static
            && self
                .destination
                .limits
                .max_duration
                .is_some_and(|longest| elapsed_since(self.began) >= longest)
    }

    /// Makes a transaction wait for one more [`release`](Self::release).
    pub(crate) fn hold(&self) {
        let data = self.destination.data_here();
        let mut state = self.lock();
        state.guards += 1;
        if state.sink_data.is_none() {
            state.sink_data = data;
        }
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
    pub(super) fn send_if_ready(&self, state: MutexGuard<'_, State>) {
        if !self.waits(&state) {
            self.send(state);
        }
    }

    /// Returns whether the transaction is still running or waits for guards.
    fn waits(&self, state: &State) -> bool {
        state.end.as_ref().is_none_or(|end| state.guards > 0 && !self.waits_no_longer_for(end))
    }

    /// Sends the transaction if it has ended.
    pub(super) fn send(&self, mut state: MutexGuard<'_, State>) {
        let Some(End { root, outcome, .. }) = state.end.take() else { return };
        state.is_sent = true;
        self.source.freeze();
        state.end_last_spans(MAX_SPANS);
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
        self.destination.sink.receive(Record::Transaction(Box::new(transaction)));
    }

    fn waits_no_longer_for(&self, end: &End) -> bool {
        elapsed_since(end.at) >= self.destination.limits.keep_open
    }
}
