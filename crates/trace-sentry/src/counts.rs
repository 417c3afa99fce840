//! The counters of transactions, or of spans if these are streamed. Losses are sent to Sentry as client reports.
//!
//! Source: Sentry's Client Reports document. A lost transaction counts as one `transaction`, and as one `span` for its
//! root and for each of its spans. A lost span counts as one `span`.

mod streamed;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use trace_core::{CaughtPanics, DropReason, TraceLifecycle};

use crate::sharded::ShardedCounter;

/// The numbers of transactions that a [`SentrySink`](crate::SentrySink) has delivered or lost since it was created. If
/// spans are [streamed](crate::SentrySinkBuilder::trace_lifecycle), they are the numbers of spans.
///
/// At every moment, the first three numbers add up to everything that was recorded and sampled and has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The transactions that wait for delivery.
    pub waiting: u64,
    /// The transactions that were handed to the client. The client may drop some of them, if its server is slow, limits
    /// the rate or is unavailable.
    pub handed_over: u64,
    /// The transactions that were dropped before: the queue was full or closed, the transaction was too large, a rule
    /// of the tracer rejected it, the client was disabled (it has no DSN, no transport, or is closed), or its transport
    /// panicked.
    pub dropped: u64,
    /// The transactions, or service spans, that were not recorded, because they were not sampled.
    pub unsampled: u64,
    /// The panics that were caught on the sink's own threads: those of the client's transport, and of
    /// [`unhealthy_when`](crate::SentrySinkBuilder::unhealthy_when).
    pub caught_panics: u64,
}

/// The reason of a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The queue to the delivery thread was full or closed.
    QueueOverflow,
    /// There were more spans than a transaction keeps, or than fit into one item, or than are kept until they are sent.
    BufferOverflow,
    /// The transaction could not be written, or did not fit into one item even without its spans, or a callback or the
    /// transport panicked. Also used if the client is disabled, for which Sentry has no reason.
    InternalSdkError,
    /// The server limits the rate of transactions.
    #[cfg(feature = "transport")]
    RatelimitBackoff,
    /// A span had no end when its transaction was sent.
    InsufficientData,
    /// A rule of the tracer ignored it.
    Ignored,
    /// The tracer's hook dropped it.
    BeforeSend,
    /// It was not sampled.
    SampleRate,
    /// It was not sampled while the rate was lowered.
    Backpressure,
}

impl From<DropReason> for Reason {
    fn from(reason: DropReason) -> Self {
        match reason {
            DropReason::Ignored => Self::Ignored,
            DropReason::BeforeSend => Self::BeforeSend,
            DropReason::BeforeSendPanicked => Self::InternalSdkError,
            DropReason::Unfinished => Self::InsufficientData,
            DropReason::SampleRate => Self::SampleRate,
            DropReason::Backpressure => Self::Backpressure,
            // A reason that this version does not know.
            _ => Self::InternalSdkError,
        }
    }
}

impl Reason {
    /// Returns whether the reason is a sampling decision.
    fn is_sampling(self) -> bool {
        matches!(self, Self::SampleRate | Self::Backpressure)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Category {
    Transaction,
    Span,
}

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    lifecycle: TraceLifecycle,
    state: Mutex<State>,
    /// The streamed spans that wait. It rises on the path of requests, which must not contend for a lock.
    waiting_spans: AtomicU64,
    /// The numbers that are counted on the path of requests. They are added to the statistics when these are read.
    unsampled: Unsampled,
    pub(crate) panics: CaughtPanics,
}

#[derive(Debug, Default)]
struct Unsampled {
    by_rate: ShardedCounter,
    by_backpressure: ShardedCounter,
}

#[derive(Debug, Default)]
struct State {
    statistics: Statistics,
    unreported: BTreeMap<(Reason, Category), u64>,
}

/// One line of a client report.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Loss {
    reason: Reason,
    category: Category,
    quantity: u64,
}

impl Counts {
    pub(crate) fn new(lifecycle: TraceLifecycle) -> Self {
        Self { lifecycle, ..Self::default() }
    }

    /// Counts a transaction that waits.
    pub(crate) fn queued(&self) {
        self.lock().statistics.waiting += 1;
    }

    /// Counts a transaction that waited and was handed over.
    pub(crate) fn handed_over(&self) {
        let statistics = &mut self.lock().statistics;
        statistics.waiting -= 1;
        statistics.handed_over += 1;
    }

    /// Counts the loss of a transaction that waited, with this number of spans below its root.
    pub(crate) fn lost_in_queue(&self, reason: Reason, spans: usize) {
        let mut state = self.lock();
        state.statistics.waiting -= 1;
        state.lose(reason, spans);
    }

    /// Counts the loss of a transaction with this number of spans below its root.
    pub(crate) fn lost(&self, reason: Reason, spans: usize) {
        self.lock().lose(reason, spans);
    }

    /// Counts what the tracer did not hand over.
    pub(crate) fn lost_before(&self, loss: trace_core::Loss) {
        match (loss.reason, loss.transactions) {
            (DropReason::SampleRate, _) if loss.spans == 1 => self.unsampled.by_rate.count(),
            (DropReason::Backpressure, _) if loss.spans == 1 => self.unsampled.by_backpressure.count(),
            (reason, 0) => self.lost_spans(reason.into(), loss.spans),
            (reason, _) => self.lost(reason.into(), loss.spans.saturating_sub(1)),
        }
    }

    /// Counts the loss of spans of a transaction that is delivered itself, or of streamed spans that did not wait.
    pub(crate) fn lost_spans(&self, reason: Reason, spans: usize) {
        if spans > 0 {
            let mut state = self.lock();
            state.add(reason, Category::Span, spans as u64);
            if self.lifecycle == TraceLifecycle::Stream {
                state.statistics.dropped += spans as u64;
            }
        }
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let state = self.lock();
        let waiting = state.statistics.waiting + self.waiting_spans.load(Ordering::Relaxed);
        Statistics { waiting, caught_panics: self.panics.count(), ..state.statistics }
    }

    /// Takes the losses that have not been taken before.
    pub(crate) fn take_losses(&self) -> Vec<Loss> {
        let unreported = std::mem::take(&mut self.lock().unreported);
        unreported
            .into_iter()
            .map(|((reason, category), quantity)| Loss { reason, category, quantity })
            .collect()
    }

    /// Puts back losses that were taken and could not be reported.
    pub(crate) fn put_back(&self, losses: Vec<Loss>) {
        let mut state = self.lock();
        for Loss { reason, category, quantity } in losses {
            state.add(reason, category, quantity);
        }
    }

    /// Returns whether all losses have been reported. Unsampled transactions are not losses.
    pub(crate) fn are_reported(&self) -> bool {
        self.lock().unreported.keys().all(|(reason, _)| reason.is_sampling())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Unsampled { by_rate, by_backpressure } = &self.unsampled;
        for (reason, counter) in [(Reason::SampleRate, by_rate), (Reason::Backpressure, by_backpressure)] {
            let quantity = counter.take();
            state.statistics.unsampled += quantity;
            if quantity > 0 {
                if self.lifecycle == TraceLifecycle::Static {
                    state.add(reason, Category::Transaction, quantity);
                }
                state.add(reason, Category::Span, quantity);
            }
        }
        state
    }
}

impl State {
    fn lose(&mut self, reason: Reason, spans: usize) {
        self.statistics.dropped += 1;
        self.add(reason, Category::Transaction, 1);
        self.add(reason, Category::Span, (spans as u64).saturating_add(1));
    }

    fn add(&mut self, reason: Reason, category: Category, quantity: u64) {
        let count = self.unreported.entry((reason, category)).or_default();
        *count = count.saturating_add(quantity);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Counts, Reason, Statistics};

    #[test]
    fn each_loss_counts_once_and_is_reported_once() {
        let loss = |reason: &str, category: &str, quantity: u64| -> Value {
            json!({ "reason": reason, "category": category, "quantity": quantity })
        };
        type Row = (&'static str, fn(&Counts), u64, Vec<Value>);
        let table: [Row; 5] = [
            ("nothing", |_| {}, 0, vec![]),
            (
                "two spans in a full queue",
                |counts| counts.lost(Reason::QueueOverflow, 2),
                1,
                vec![loss("queue_overflow", "transaction", 1), loss("queue_overflow", "span", 3)],
            ),
            ("no spans", |counts| counts.lost_spans(Reason::BufferOverflow, 0), 0, vec![]),
            (
                "spans alone",
                |counts| counts.lost_spans(Reason::BufferOverflow, 7),
                0,
                vec![loss("buffer_overflow", "span", 7)],
            ),
            (
                "two rules",
                |counts| {
                    counts.lost(Reason::BeforeSend, 0);
                    counts.lost(Reason::Ignored, 1);
                    counts.lost(Reason::Ignored, 0);
                },
                3,
                vec![
                    loss("ignored", "transaction", 2),
                    loss("ignored", "span", 3),
                    loss("before_send", "transaction", 1),
                    loss("before_send", "span", 1),
                ],
            ),
        ];
        for (name, count, dropped, expected) in table {
            let counts = Counts::default();
            count(&counts);
            counts.queued();
            counts.handed_over();
            let statistics = Statistics { handed_over: 1, dropped, ..Statistics::default() };
            assert_eq!(counts.statistics(), statistics, "{name}");
            counts.put_back(counts.take_losses());
            assert_eq!(json!(counts.take_losses()), json!(expected), "{name}");
            assert!(counts.take_losses().is_empty(), "{name}");
        }
    }
}
