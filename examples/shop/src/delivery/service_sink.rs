//! Where a service leaves its finished transactions or spans.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use trace_core::{Record, Requirements, SpanSink};
use trace_sentry::SentrySink;

/// Counts what is delivered.
pub(crate) struct ServiceSink {
    pub(super) sink: SentrySink,
    /// How many sampled transactions, or streamed spans, all services finished.
    pub(super) finished: Arc<AtomicU64>,
}

impl SpanSink for ServiceSink {
    fn receive(&self, record: Record) {
        let is_sampled = match &record {
            Record::Transaction(transaction) => transaction.sampled,
            Record::Span(span) => span.sampled(),
            _ => false,
        };
        if is_sampled {
            self.finished.fetch_add(1, Ordering::Relaxed);
        }
        self.sink.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.sink.requirements()
    }
}
