//! A recorded span while it runs.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::context::TraceContext;
use crate::finished::{FinishedSpan, Outcome};
use crate::id::SpanId;
use crate::status::SpanStatus;
use crate::transaction::Transaction;

/// A recorded span that may still be running.
pub(crate) struct ActiveSpan {
    transaction: Arc<Transaction>,
    span_id: SpanId,
    is_root: bool,
    start: Instant,
    /// What it will be when it has ended, as far as it is known; `None` once it has.
    open: Mutex<Option<FinishedSpan>>,
}

impl ActiveSpan {
    pub(crate) fn root(
        transaction: Arc<Transaction>,
        context: &TraceContext,
        operation: Cow<'static, str>,
    ) -> Self {
        let (start, span_id) = (transaction.start(), context.span_id);
        let open = transaction.open_span(start, span_id, context.parent_span_id, operation, "".into());
        Self { transaction, span_id, is_root: true, start, open: Mutex::new(Some(open)) }
    }

    #[inline]
    pub(crate) fn child(
        parent: &Self,
        span_id: SpanId,
        operation: Cow<'static, str>,
        description: Cow<'static, str>,
    ) -> Self {
        let (start, transaction) = (Instant::now(), parent.transaction.clone());
        let open = transaction.open_span(start, span_id, Some(parent.span_id), operation, description);
        Self { transaction, span_id, is_root: false, start, open: Mutex::new(Some(open)) }
    }

    pub(crate) fn transaction(&self) -> &Arc<Transaction> {
        &self.transaction
    }

    /// Ends the span, unless it has ended. `status` is what it gets if nobody set one.
    pub(crate) fn end(&self, outcome: Outcome, status: Option<SpanStatus>) {
        let Some(mut span) = self.lock().take() else { return };
        let now = Instant::now();
        let lasted = now.saturating_duration_since(self.start);
        let (duration, outcome, status) = match self.transaction.max_duration() {
            Some(longest) if self.is_root && lasted >= longest => {
                (longest, Outcome::TimedOut, Outcome::TimedOut.status())
            }
            _ => (lasted, outcome, status),
        };
        span.duration = duration;
        span.status = span.status.or(status);
        if self.is_root {
            self.transaction.finish(span, outcome, now);
        } else {
            self.transaction.keep(span);
        }
    }

    /// Changes the span, unless it has ended.
    pub(crate) fn change(&self, change: impl FnOnce(&mut FinishedSpan)) {
        if let Some(open) = self.lock().as_mut() {
            change(open);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<FinishedSpan>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
