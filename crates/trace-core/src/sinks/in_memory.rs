//! A sink that keeps what is recorded in memory.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::record::{
    FinishedTransaction, Loss, Record, Requirements, SpanSink, StreamedSpan, TraceLifecycle,
};

/// A sink that keeps transactions or streamed spans in memory, for tests and for inspecting a trace without sending it.
///
/// Clones share what they keep.
///
/// ```
/// use trace_core::{InMemorySink, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// tracer.service_span("task", "nightly report").start().end();
/// assert_eq!(sink.take().len(), 1);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct InMemorySink {
    lifecycle: TraceLifecycle,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Kept>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    transactions: Vec<FinishedTransaction>,
    spans: Vec<StreamedSpan>,
    losses: Vec<Loss>,
}

impl InMemorySink {
    /// Returns a sink to which spans are streamed.
    #[must_use]
    pub fn streaming() -> Self {
        Self { lifecycle: TraceLifecycle::Stream, ..Self::default() }
    }

    /// Removes and returns the transactions that have arrived.
    #[must_use]
    pub fn take(&self) -> Vec<FinishedTransaction> {
        std::mem::take(&mut self.lock().transactions)
    }

    /// Removes and returns the streamed spans that have arrived.
    #[must_use]
    pub fn take_spans(&self) -> Vec<StreamedSpan> {
        std::mem::take(&mut self.lock().spans)
    }

    /// Removes and returns the losses that were counted.
    #[must_use]
    pub fn take_losses(&self) -> Vec<Loss> {
        std::mem::take(&mut self.lock().losses)
    }

    /// Blocks until `number` transactions have arrived or `timeout` has passed, then removes and returns those that
    /// arrived.
    #[must_use]
    pub fn wait_for(&self, number: usize, timeout: Duration) -> Vec<FinishedTransaction> {
        let are_missing = |kept: &mut Kept| kept.transactions.len() < number;
        let waited = self.shared.arrived.wait_timeout_while(self.lock(), timeout, are_missing);
        let (mut kept, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept.transactions)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanSink for InMemorySink {
    fn receive(&self, record: Record) {
        let mut kept = self.lock();
        match record {
            Record::Transaction(transaction) => kept.transactions.push(*transaction),
            Record::Span(span) => kept.spans.push(span),
            Record::Lost(loss) => kept.losses.push(loss),
        }
        self.shared.arrived.notify_all();
    }

    fn requirements(&self) -> Requirements {
        Requirements::default().lifecycle(self.lifecycle)
    }

    fn runs_hooks(&self) -> bool {
        false
    }
}
