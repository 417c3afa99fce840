//! What was lost on this side, counted and told to Sentry as client reports.
//!
//! Source: Sentry's Client Reports document. A lost transaction counts one `transaction`, and one `span` for its root
//! and each of its spans.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Why something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The queue to the delivery thread was full or closed.
    QueueOverflow,
    /// There were more spans than a transaction keeps, or than fit into one item.
    BufferOverflow,
    /// It could not be written.
    InternalSdkError,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Category {
    Transaction,
    Span,
}

/// Counters since the last report.
#[derive(Debug, Default)]
pub(crate) struct Losses(Mutex<BTreeMap<(Reason, Category), u64>>);

#[derive(Debug, Serialize)]
pub(crate) struct Loss {
    reason: Reason,
    category: Category,
    quantity: u64,
}

impl Losses {
    /// Counts a transaction with so many spans below its root.
    pub(crate) fn transaction(&self, reason: Reason, spans: usize) {
        self.add(reason, Category::Transaction, 1);
        self.add(reason, Category::Span, spans as u64 + 1);
    }

    /// Counts spans of a transaction that is delivered itself.
    pub(crate) fn spans(&self, reason: Reason, spans: usize) {
        if spans > 0 {
            self.add(reason, Category::Span, spans as u64);
        }
    }

    /// The counts, which begin again at zero.
    pub(crate) fn take(&self) -> Vec<Loss> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        counts.into_iter().map(|((reason, category), quantity)| Loss { reason, category, quantity }).collect()
    }

    fn add(&self, reason: Reason, category: Category, quantity: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((reason, category)).or_default() +=
            quantity;
    }
}
