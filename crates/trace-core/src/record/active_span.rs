//! A recorded span that is running.

use std::borrow::Cow;
use std::sync::Arc;

use crate::id::SpanId;
use crate::record::{FinishedSpan, Outcome, Position, SpanStatus, Transaction};

/// A recorded span that may still be running: its position in the transaction, which stores its data.
#[derive(Clone)]
pub(crate) struct ActiveSpan {
    transaction: Arc<Transaction>,
    position: Position,
}

impl ActiveSpan {
    pub(crate) fn root(transaction: Arc<Transaction>) -> Self {
        Self { transaction, position: Position::Root }
    }

    /// Starts a span of the same transaction.
    pub(crate) fn start(
        &self,
        span_id: SpanId,
        parent_span_id: SpanId,
        operation: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> Self {
        let transaction = self.transaction.clone();
        let position = transaction.start_span(span_id, parent_span_id, operation, description);
        Self { transaction, position }
    }

    /// Returns the root of the same transaction.
    pub(crate) fn of_root(&self) -> Self {
        Self::root(self.transaction.clone())
    }

    pub(crate) fn transaction(&self) -> &Arc<Transaction> {
        &self.transaction
    }

    /// Ends the span, unless it has ended. `status` is used if no status was set.
    pub(crate) fn end(&self, outcome: Outcome, status: Option<SpanStatus>) {
        self.transaction.end_span(self.position, outcome, status);
    }

    /// Reads the current state of the span, unless its transaction has been sent.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&FinishedSpan) -> T) -> Option<T> {
        self.transaction.read_span(self.position, read)
    }

    /// Changes the span, unless it has ended.
    pub(crate) fn change(&self, change: impl FnOnce(&mut FinishedSpan)) {
        self.transaction.change_span(self.position, change);
    }
}
