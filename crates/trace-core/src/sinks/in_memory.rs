//! A sink that keeps transactions in memory.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::record::{FinishedTransaction, TransactionSink};

/// A sink that keeps transactions in memory, for tests and for inspecting a trace without sending it.
///
/// Clones share their transactions.
///
/// ```
/// use trace_core::{InMemorySink, TransactionName, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let context = tracer.start_new_trace();
/// drop(tracer.start_transaction(context, "task", || TransactionName::task("nightly report")));
/// assert_eq!(sink.take().len(), 1);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct InMemorySink {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    transactions: Mutex<Vec<FinishedTransaction>>,
    arrived: Condvar,
}

impl InMemorySink {
    /// Removes and returns the transactions that have arrived.
    #[must_use]
    pub fn take(&self) -> Vec<FinishedTransaction> {
        std::mem::take(&mut *self.lock())
    }

    /// Blocks until `number` transactions have arrived or `timeout` has passed, then removes and returns those that
    /// arrived.
    #[must_use]
    pub fn wait_for(&self, number: usize, timeout: Duration) -> Vec<FinishedTransaction> {
        let waited =
            self.shared.arrived.wait_timeout_while(self.lock(), timeout, |there| there.len() < number);
        let (mut transactions, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *transactions)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FinishedTransaction>> {
        self.shared.transactions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TransactionSink for InMemorySink {
    fn send(&self, transaction: FinishedTransaction) {
        self.lock().push(transaction);
        self.shared.arrived.notify_all();
    }
}
