//! A running transaction, which collects the spans of one service's part of a trace.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::clock;
use crate::dsc::Source;
use crate::id::{SpanId, TraceId};
use crate::record::{
    DropReason, FinishedSpan, FinishedTransaction, Measurement, Outcome, SpanStatus, TransactionName,
    TransactionSink,
};
pub(crate) use state::Position;
use state::{End, State};
use unfinished::remove_unfinished;

/// The most spans that a transaction keeps besides its root.
const MAX_SPANS: usize = 1000;

/// A recorded transaction. It stores its spans from their start on, so that no span needs an allocation of its own.
/// Only the work of one request contends for its lock.
pub(crate) struct Transaction {
    sink: Arc<dyn TransactionSink>,
    /// The time of the start, read once. The monotonic clock gives all other times relative to it.
    started_at: SystemTime,
    started: Instant,
    trace_id: TraceId,
    source: Source,
    sampled: bool,
    limits: Limits,
    state: Mutex<State>,
}

/// The limits on the duration of a transaction. There is no timer: the limits are checked when an exchange is polled, a
/// span ends or a guard is released.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The longest time that it waits for guards after its end.
    pub(crate) keep_open: Duration,
    /// The longest duration of the transaction itself.
    pub(crate) max_duration: Option<Duration>,
}

/// The values with which a transaction starts.
pub(crate) struct Start {
    pub(crate) sink: Arc<dyn TransactionSink>,
    pub(crate) limits: Limits,
    pub(crate) sampled: bool,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) source: Source,
    pub(crate) operation: Cow<'static, str>,
    pub(crate) name: TransactionName,
}

impl Transaction {
    /// Starts a transaction with its root.
    pub(crate) fn new(start: Start) -> Arc<Self> {
        let (started_at, started) = (clock::time_of_day(), clock::now());
        let Start { sink, limits, sampled, trace_id, span_id, parent_span_id, source, operation, name } =
            start;
        let root = FinishedSpan::running(started_at, started, span_id, parent_span_id, operation, "".into());
        Arc::new(Self {
            sink,
            started_at,
            started,
            trace_id,
            source,
            sampled,
            limits,
            state: Mutex::new(State::new(root, name)),
        })
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Starts a span at this moment.
    pub(crate) fn start_span(
        &self,
        span_id: SpanId,
        parent_span_id: SpanId,
        operation: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> Position {
        let began = clock::now();
        let start = self.started_at + began.saturating_duration_since(self.started);
        let mut state = self.lock();
        if state.root.is_none() {
            drop(state);
            self.count_unfinished(1);
            return Position::Nowhere;
        }
        if state.spans.len() == MAX_SPANS {
            state.dropped_spans += 1;
            return Position::Nowhere;
        }
        let position = Position::Child(state.spans.len());
        let parent = Some(parent_span_id);
        state.spans.push(FinishedSpan::running(start, began, span_id, parent, operation, description));
        state.running += 1;
        position
    }

    /// Changes a span, unless it has ended.
    pub(crate) fn change_span(&self, position: Position, change: impl FnOnce(&mut FinishedSpan)) {
        if let Some(span) = self.lock().running(position) {
            change(span);
        }
    }

    /// Ends a span, unless it has ended. `status` is used if no status was set. A span that ends after the transaction
    /// was sent, or should have been sent, is lost and counted. The end of the root ends the transaction.
    pub(crate) fn end_span(&self, position: Position, outcome: Outcome, status: Option<SpanStatus>) {
        let mut state = self.lock();
        let end = state.end;
        let Some(span) = state.running(position) else { return };
        let now = clock::now();
        let lasted = now.saturating_duration_since(span.began.unwrap_or(now));
        if position == Position::Root {
            let (lasted, outcome, status) = match self.limits.max_duration {
                Some(longest) if lasted >= longest => {
                    (longest, Outcome::TimedOut, Outcome::TimedOut.status())
                }
                _ => (lasted, outcome, status),
            };
            span.finish(lasted, status);
            state.end = Some(End { outcome, at: now });
        } else {
            let is_late = end.map_or_else(|| self.is_overdue(), |end| self.waits_no_longer_for(end));
            if !is_late {
                span.finish(lasted, status);
                state.running -= 1;
                return;
            }
        }
        self.send_if_ready(state);
    }

    /// Reads the current state of a span, unless the transaction has been sent.
    pub(crate) fn read_span<T>(
        &self,
        position: Position,
        read: impl FnOnce(&FinishedSpan) -> T,
    ) -> Option<T> {
        self.lock().span(position).map(|span| read(span))
    }

    pub(crate) fn measure(&self, measurement: Measurement) {
        let measurements = &mut self.lock().measurements;
        match measurements.iter_mut().find(|known| known.name == measurement.name) {
            Some(known) => *known = measurement,
            None => measurements.push(measurement),
        }
    }

    /// Returns whether it has reached its longest duration.
    pub(crate) fn is_overdue(&self) -> bool {
        self.limits
            .max_duration
            .is_some_and(|longest| clock::now().saturating_duration_since(self.started) >= longest)
    }

    /// Makes it wait for one more [`release`](Self::release).
    pub(crate) fn hold(&self) {
        self.lock().guards += 1;
    }

    pub(crate) fn release(&self) {
        let mut state = self.lock();
        state.guards -= 1;
        self.send_if_ready(state);
    }

    /// Sends the transaction if it has ended and need not wait any more.
    fn send_if_ready(&self, mut state: MutexGuard<'_, State>) {
        let Some(end) = state.end.filter(|end| state.guards == 0 || self.waits_no_longer_for(*end)) else {
            return;
        };
        let Some(root) = state.root.take() else { return };
        self.source.freeze();
        let mut spans = std::mem::take(&mut state.spans);
        let unfinished = if state.running > 0 { remove_unfinished(&mut spans) } else { 0 };
        let transaction = FinishedTransaction {
            trace_id: self.trace_id,
            sampled: self.sampled,
            // A later change of the name has no effect.
            name: std::mem::take(&mut state.naming).into_name(),
            outcome: end.outcome,
            root,
            spans,
            dropped_spans: state.dropped_spans,
            measurements: std::mem::take(&mut state.measurements),
            source: self.source.clone(),
        };
        drop(state);
        self.count_unfinished(unfinished);
        self.sink.send(transaction);
    }

    /// Tells the sink of spans that are lost, unless the sampling decision was to lose them.
    fn count_unfinished(&self, spans: usize) {
        if self.sampled && spans > 0 {
            self.sink.spans_dropped(DropReason::Unfinished, spans);
        }
    }

    fn waits_no_longer_for(&self, end: End) -> bool {
        clock::now().saturating_duration_since(end.at) >= self.limits.keep_open
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

mod name;
mod naming;
mod state;
#[cfg(test)]
mod tests;
mod unfinished;
