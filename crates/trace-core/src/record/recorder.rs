//! The recorder of a service span and the spans below it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::dsc::Source;
use crate::id::{SpanId, TraceId};
use crate::record::limits;
use crate::record::timeline::{Timeline, elapsed_since};
use crate::record::{
    Destination, DropReason, FinishedSpan, IgnoredSpans, Loss, Measurement, Outcome, Record, SpanStart,
    SpanStatus, StreamedSpan, TraceLifecycle,
};
pub(crate) use start::Start;
pub(crate) use state::Position;
use state::{RunningSpan, State};
pub(crate) use transaction::Limits;

/// The most spans that a transaction keeps besides its service span.
const MAX_SPANS: usize = 1000;

/// The recorder of a service span. It stores the spans while they run, so that no span needs an allocation of its own. Only
/// the work of one request contends for its lock.
///
/// A span that ends leaves: in the static lifecycle for the list of ended spans, which is sent as a transaction, and in
/// the streamed lifecycle for the sink. So a streamed service span has in memory only what is running.
pub(crate) struct Recorder {
    destination: Arc<Destination>,
    timeline: Timeline,
    /// The start of the service span.
    began: Instant,
    trace_id: TraceId,
    span_id: SpanId,
    parent_span_id: Option<SpanId>,
    source: Source,
    sampled: bool,
    ignored: IgnoredSpans,
    /// The position among the deadlines that the sink watches, once it is there.
    watched: OnceLock<usize>,
    state: Mutex<State>,
}

impl Recorder {
    /// Starts a service span.
    pub(crate) fn new(start: Start) -> Arc<Self> {
        let Start { destination, sampled, ignored, trace_id, span_id, parent_span_id, source, name, span } =
            start;
        let timeline = Timeline::begin();
        let start = timeline.given_or_now(span.started_at);
        let service_span = span.into_span(span_id, parent_span_id, start.time_of_day);
        let mut state = State::new(service_span, start.monotonic, name);
        let deadlines = destination.deadlines_from_start();
        if deadlines.is_some() {
            state.sink_data = destination.data_here();
            // A start that was given may be long ago.
            state.active = timeline.now().monotonic;
        }
        let is_watched = deadlines.is_some();
        let recorder = Arc::new(Self {
            destination,
            timeline,
            began: start.monotonic,
            trace_id,
            span_id,
            parent_span_id,
            source,
            sampled,
            ignored,
            watched: OnceLock::new(),
            state: Mutex::new(state),
        });
        if is_watched {
            recorder.watch();
        }
        recorder
    }

    pub(crate) fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the service span.
    pub(crate) fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Returns the parent of the service span.
    pub(crate) fn parent_span_id(&self) -> Option<SpanId> {
        self.parent_span_id
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns whether the service span has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.lock().service_span.is_none()
    }

    pub(crate) fn sampled(&self) -> bool {
        self.sampled
    }

    /// Returns whether the end of a span may run code of the application: it is handed to the sink then.
    pub(crate) fn end_runs_hooks(&self, position: Position) -> bool {
        let Destination { runs_hooks, lifecycle, .. } = *self.destination;
        runs_hooks && (lifecycle == TraceLifecycle::Stream || position == Position::ServiceSpan)
    }

    /// Returns whether the service span, and so every span, is ignored.
    pub(crate) fn ignores_all(&self) -> bool {
        matches!(self.ignored, IgnoredSpans::All)
    }

    /// Returns whether a span that starts with these values is ignored, and counts it then.
    #[inline]
    pub(crate) fn ignores(&self, start: &SpanStart) -> bool {
        let is_ignored = self.ignored.contain(start.name(), &start.attributes);
        if is_ignored && (self.sampled || self.ignores_all()) {
            self.destination.sink.receive(Record::Lost(Loss::of_spans(DropReason::Ignored, 1)));
        }
        is_ignored
    }

    /// Starts a span below another one.
    #[inline(always)]
    pub(crate) fn start_span(
        &self,
        span_id: SpanId,
        parent: Position,
        parent_span_id: SpanId,
        start: SpanStart,
    ) -> Position {
        let began = self.timeline.given_or_now(start.started_at);
        let is_shared = start.is_shared;
        let span = start.into_span(span_id, Some(parent_span_id), began.time_of_day);
        let mut state = self.lock();
        if state.is_sent {
            drop(state);
            self.count_unfinished(1);
            return Position::Nowhere;
        }
        self.note_activity(&mut state);
        state.started += 1;
        let running = RunningSpan::new(span, began.monotonic, parent);
        let place = state.running.insert(RunningSpan { is_shared, ..running });
        Position::Child { place, span_id }
    }

    /// Changes a span, unless it has ended.
    pub(crate) fn change_span(&self, position: Position, change: impl FnOnce(&mut FinishedSpan)) {
        if let Some(span) = self.lock().span(position) {
            change(span);
        }
    }

    /// Reads the current state of a span, unless it has ended.
    pub(crate) fn read_span<T>(
        &self,
        position: Position,
        read: impl FnOnce(&FinishedSpan) -> T,
    ) -> Option<T> {
        self.lock().span(position).map(|span| read(span))
    }

    /// Returns how long a span has lasted so far, unless it has ended.
    pub(crate) fn elapsed(&self, position: Position) -> Option<Duration> {
        self.lock().running_span(position).map(|running| elapsed_since(running.began))
    }

    /// Ends a span, unless it has ended. `status` is used if no status was set, and `at` is now if it is not given. The
    /// end of the service span ends the transaction. A span of a transaction that ends after the transaction was sent, or
    /// should have been sent, is lost and counted.
    pub(crate) fn end_span(
        self: &Arc<Self>,
        position: Position,
        outcome: Outcome,
        status: Option<SpanStatus>,
        at: Option<SystemTime>,
    ) {
        let state = self.lock();
        match (position, self.destination.lifecycle) {
            (Position::Nowhere, _) => {}
            (Position::ServiceSpan, TraceLifecycle::Static) => {
                self.end_transaction(state, outcome, status, at);
            }
            (Position::Child { .. }, TraceLifecycle::Static) if self.is_over(&state) => {
                self.send_if_ready(state)
            }
            (Position::Child { .. }, TraceLifecycle::Static) => {
                let mut state = state;
                if let Some(mut ended) = state.take(position) {
                    self.note_activity(&mut state);
                    let lasted = self.timeline.duration(ended.span.start, ended.began, at);
                    ended.span.finish(lasted, status);
                    state.keep(ended, MAX_SPANS);
                }
            }
            (position, TraceLifecycle::Stream) => self.stream(state, position, status, at),
        }
    }

    /// Hands an ended span to the sink.
    fn stream(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        position: Position,
        status: Option<SpanStatus>,
        at: Option<SystemTime>,
    ) {
        let Some(RunningSpan { mut span, began, parent, .. }) = state.take(position) else { return };
        if let Some(parent) = state.running_span(parent) {
            parent.has_kept_children = true;
        }
        if position == Position::ServiceSpan {
            // A streamed span has no field for them.
            for Measurement { name, value, .. } in std::mem::take(&mut state.measurements) {
                span.set_attribute(name, value.into());
            }
        }
        drop(state);
        span.finish(self.timeline.duration(span.start, began, at), status);
        self.destination.sink.receive(Record::Span(StreamedSpan::new(span, self.clone())));
    }

    pub(crate) fn measure(&self, measurement: Measurement) {
        let measurements = &mut self.lock().measurements;
        match measurements.iter_mut().find(|known| known.name == measurement.name) {
            Some(known) => *known = measurement,
            None => {
                let _dropped = limits::push(measurements, measurement);
            }
        }
    }

    /// Tells the sink of spans that are lost, unless the sampling decision was to lose them.
    fn count_unfinished(&self, spans: usize) {
        if self.sampled && spans > 0 {
            self.destination.sink.receive(Record::Lost(Loss::of_spans(DropReason::Unfinished, spans)));
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

mod folding;
#[cfg(test)]
mod ignore_tests;
mod name;
mod naming;
mod start;
mod state;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
mod transaction;
mod unfinished;
mod watch;
