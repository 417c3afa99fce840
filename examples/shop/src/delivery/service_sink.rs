//! Where a service leaves its finished transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use trace_core::{DropReason, FinishedTransaction, TransactionSink};
use trace_sentry::SentrySink;

/// Counts what is delivered.
pub(crate) struct ServiceSink {
    pub(super) sink: SentrySink,
    /// How many sampled transactions all services finished.
    pub(super) finished: Arc<AtomicU64>,
}

impl TransactionSink for ServiceSink {
    fn send(&self, transaction: FinishedTransaction) {
        if transaction.sampled {
            self.finished.fetch_add(1, Ordering::Relaxed);
        }
        self.sink.send(transaction);
    }

    fn takes_unsampled(&self) -> bool {
        self.sink.takes_unsampled()
    }

    fn downsampling_factor(&self) -> u32 {
        self.sink.downsampling_factor()
    }

    fn dropped(&self, reason: DropReason, spans: usize) {
        self.sink.dropped(reason, spans);
    }

    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        self.sink.spans_dropped(reason, spans);
    }
}
