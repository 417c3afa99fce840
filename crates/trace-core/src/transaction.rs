//! A transaction while it runs: gathers the spans of one service's part of a trace.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::context::{Sampling, TraceContext};
use crate::finished::{FinishedSpan, FinishedTransaction, Measurement, Outcome};
use crate::id::{SpanId, TraceId};
use crate::name::TransactionName;
use crate::sink::TransactionSink;

/// How many spans a transaction keeps besides its root.
const MAX_SPANS: usize = 1000;

pub(crate) struct Transaction {
    sink: Arc<dyn TransactionSink>,
    /// Read once; all other times are told by the monotonic clock from here.
    started_at: SystemTime,
    started: Instant,
    trace_id: TraceId,
    sampled: bool,
    limits: Limits,
    state: Mutex<State>,
}

/// How long a transaction may go on. There is no timer: both are looked at whenever something of the transaction happens.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// How long after its end it waits for guards.
    pub(crate) keep_open: Duration,
    /// How long it may last itself.
    pub(crate) max_duration: Option<Duration>,
}

struct State {
    name: TransactionName,
    spans: Vec<FinishedSpan>,
    dropped_spans: usize,
    measurements: Vec<Measurement>,
    /// How many ask it to stay open.
    guards: usize,
    /// The root, once it has ended.
    root: Option<EndedRoot>,
    /// What the dynamic sampling context will be made from; taken when the transaction is sent.
    context: Option<TraceContext>,
}

struct EndedRoot {
    span: FinishedSpan,
    outcome: Outcome,
    at: Instant,
}

impl Transaction {
    pub(crate) fn new(
        sink: Arc<dyn TransactionSink>,
        limits: Limits,
        sampled: bool,
        context: &TraceContext,
        name: TransactionName,
    ) -> Self {
        Self {
            sink,
            sampled,
            limits,
            started_at: SystemTime::now(),
            started: Instant::now(),
            trace_id: context.trace_id,
            state: Mutex::new(State {
                name,
                spans: Vec::new(),
                dropped_spans: 0,
                measurements: Vec::new(),
                guards: 0,
                root: None,
                context: Some(context.clone()),
            }),
        }
    }

    pub(crate) fn start(&self) -> Instant {
        self.started
    }

    /// A span that starts at this moment.
    #[inline]
    pub(crate) fn open_span(
        &self,
        start: Instant,
        span_id: SpanId,
        parent_span_id: Option<SpanId>,
        operation: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> FinishedSpan {
        FinishedSpan {
            span_id,
            parent_span_id,
            operation,
            description,
            origin: "manual".into(),
            status: None,
            start: self.started_at + start.saturating_duration_since(self.started),
            duration: Duration::ZERO,
            tags: Vec::new(),
            data: Vec::new(),
            links: Vec::new(),
        }
    }

    pub(crate) fn rename(&self, name: TransactionName) {
        self.lock().name = name;
    }

    pub(crate) fn measure(&self, measurement: Measurement) {
        let measurements = &mut self.lock().measurements;
        match measurements.iter_mut().find(|known| known.name == measurement.name) {
            Some(known) => *known = measurement,
            None => measurements.push(measurement),
        }
    }

    pub(crate) fn max_duration(&self) -> Option<Duration> {
        self.limits.max_duration
    }

    /// Whether it has lasted for as long as it may.
    pub(crate) fn is_overdue(&self) -> bool {
        self.limits.max_duration.is_some_and(|longest| self.started.elapsed() >= longest)
    }

    /// Keeps a span that ended. One that ends after the transaction was sent, or should have been, is lost.
    pub(crate) fn keep(&self, span: FinishedSpan) {
        let mut state = self.lock();
        let is_late = match &state.root {
            Some(root) => self.waits_no_longer_for(root),
            None => state.context.is_none() || self.is_overdue(),
        };
        if is_late {
            return self.send_if_ready(state);
        }
        if state.spans.len() < MAX_SPANS {
            state.spans.push(span);
        } else {
            state.dropped_spans += 1;
        }
    }

    /// Ends the transaction with its root.
    pub(crate) fn finish(&self, span: FinishedSpan, outcome: Outcome, at: Instant) {
        let mut state = self.lock();
        let root = EndedRoot { span, outcome, at };
        if state.guards == 0 {
            self.send(state, root);
        } else {
            state.root = Some(root);
            self.send_if_ready(state);
        }
    }

    /// Makes it wait for one [`release`](Self::release) more.
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
        let is_held = state.guards > 0;
        if let Some(root) = state.root.take_if(|root| !is_held || self.waits_no_longer_for(root)) {
            self.send(state, root);
        }
    }

    fn send(&self, mut state: MutexGuard<'_, State>, root: EndedRoot) {
        let Some(context) = state.context.take() else { return };
        context.freeze();
        let transaction = FinishedTransaction {
            trace_id: self.trace_id,
            sampled: self.sampled,
            // Whoever renames it now is too late.
            name: std::mem::take(&mut state.name),
            outcome: root.outcome,
            root: root.span,
            spans: std::mem::take(&mut state.spans),
            dropped_spans: state.dropped_spans,
            measurements: std::mem::take(&mut state.measurements),
            context,
        };
        drop(state);
        self.sink.send(transaction);
    }

    fn waits_no_longer_for(&self, root: &EndedRoot) -> bool {
        root.at.elapsed() >= self.limits.keep_open
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TraceContext {
    /// Tells the dynamic sampling context of a trace that starts here how the transaction is called.
    pub(crate) fn name_head(&self, name: &TransactionName) {
        if let Sampling::Head(_, head) = &self.sampling {
            head.name(name.for_sampling_context());
        }
    }
}
