//! A transaction while it runs: gathers the spans of one service's part of a trace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

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
    state: Mutex<State>,
}

struct State {
    name: TransactionName,
    spans: Vec<FinishedSpan>,
    dropped_spans: usize,
    /// What the dynamic sampling context will be made from; taken when the transaction ends.
    context: Option<TraceContext>,
}

impl Transaction {
    pub(crate) fn new(sink: Arc<dyn TransactionSink>, context: &TraceContext, name: TransactionName) -> Self {
        Self {
            sink,
            started_at: SystemTime::now(),
            started: Instant::now(),
            trace_id: context.trace_id,
            state: Mutex::new(State {
                name,
                spans: Vec::new(),
                dropped_spans: 0,
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

    /// Keeps a span that ended. One that ends after the transaction is lost.
    pub(crate) fn keep(&self, span: FinishedSpan) {
        let mut state = self.lock();
        if state.context.is_none() {
            return;
        }
        if state.spans.len() < MAX_SPANS {
            state.spans.push(span);
        } else {
            state.dropped_spans += 1;
        }
    }

    /// Sends the transaction with its root.
    pub(crate) fn finish(&self, root: FinishedSpan, outcome: Outcome) {
        let mut state = self.lock();
        let Some(context) = state.context.take() else {
            return;
        };
        let transaction = FinishedTransaction {
            trace_id: self.trace_id,
            name: state.name.clone(),
            outcome,
            root,
            spans: std::mem::take(&mut state.spans),
            dropped_spans: state.dropped_spans,
            sampling_context: context.sampling_context().into_owned(),
        };
        drop(state);
        self.sink.send(transaction);
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
