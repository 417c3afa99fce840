//! A transaction while it runs: gathers the spans of one service's part of a trace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::context::{Sampling, TraceContext};
use crate::id::TraceId;
use crate::name::TransactionName;
use crate::sink::{FinishedSpan, FinishedTransaction, Outcome, TransactionSink};

/// How many spans a transaction keeps besides its root.
const MAX_SPANS: usize = 1000;

pub(crate) struct Transaction {
    sink: Arc<dyn TransactionSink>,
    /// Read once; all other times are told by the monotonic clock from here.
    started_at: SystemTime,
    started: Instant,
    trace_id: TraceId,
    /// How long after its end it waits for guards.
    keep_open_limit: Duration,
    state: Mutex<State>,
}

struct State {
    name: TransactionName,
    spans: Vec<FinishedSpan>,
    dropped_spans: usize,
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
        keep_open_limit: Duration,
        context: &TraceContext,
        name: TransactionName,
    ) -> Self {
        Self {
            sink,
            keep_open_limit,
            started_at: SystemTime::now(),
            started: Instant::now(),
            trace_id: context.trace_id,
            state: Mutex::new(State {
                name,
                spans: Vec::new(),
                dropped_spans: 0,
                guards: 0,
                root: None,
                context: Some(context.clone()),
            }),
        }
    }

    pub(crate) fn start(&self) -> Instant {
        self.started
    }

    /// The wall-clock time of a moment since the start.
    pub(crate) fn wall_clock(&self, moment: Instant) -> SystemTime {
        self.started_at + moment.saturating_duration_since(self.started)
    }

    pub(crate) fn rename(&self, name: TransactionName) {
        self.lock().name = name;
    }

    /// Keeps a span that ended. One that ends after the transaction was sent is lost.
    pub(crate) fn keep(&self, span: FinishedSpan) {
        let mut state = self.lock();
        if state.context.is_none() || state.root.as_ref().is_some_and(|root| self.is_overdue(root)) {
            return self.send_if_ready(state);
        }
        if state.spans.len() < MAX_SPANS {
            state.spans.push(span);
        } else {
            state.dropped_spans += 1;
        }
    }

    /// Ends the transaction with its root.
    pub(crate) fn finish(&self, span: FinishedSpan, outcome: Outcome) {
        let mut state = self.lock();
        state.root = Some(EndedRoot { span, outcome, at: Instant::now() });
        self.send_if_ready(state);
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

    /// Sends the transaction if it has ended and need not wait any more. There is no timer: whether the limit is over is
    /// looked at whenever something of the transaction ends.
    fn send_if_ready(&self, mut state: MutexGuard<'_, State>) {
        let is_ready = |root: &EndedRoot| state.guards == 0 || self.is_overdue(root);
        if !state.root.as_ref().is_some_and(is_ready) {
            return;
        }
        let (Some(root), Some(context)) = (state.root.take(), state.context.take()) else { return };
        let transaction = FinishedTransaction {
            trace_id: self.trace_id,
            name: state.name.clone(),
            outcome: root.outcome,
            root: root.span,
            spans: std::mem::take(&mut state.spans),
            dropped_spans: state.dropped_spans,
            sampling_context: context.sampling_context().into_owned(),
        };
        drop(state);
        self.sink.send(transaction);
    }

    fn is_overdue(&self, root: &EndedRoot) -> bool {
        root.at.elapsed() >= self.keep_open_limit
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TraceContext {
    /// Tells the dynamic sampling context of a trace that starts here how the transaction is called.
    pub(crate) fn name_head(&self, name: &TransactionName) {
        if let Sampling::Head(head) = &self.sampling {
            head.name(name.for_sampling_context());
        }
    }
}
