//! The thread that writes envelopes and hands them to the client.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use sentry_core::{Client, Envelope};
use trace_core::FinishedTransaction;

use crate::client_options::Identity;
use crate::counts::{Counts, Reason};
use crate::envelope;
use crate::queue::{Message, Messages};

/// The interval at which losses are reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

pub(crate) struct Delivery {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Identity,
    pub(crate) counts: Arc<Counts>,
}

impl Delivery {
    /// Runs until a message closes it, or until all senders are dropped and the queue is empty.
    pub(crate) fn run(self, messages: Messages) {
        let mut next_report = Instant::now() + REPORT_INTERVAL;
        let closed = loop {
            match messages.next(next_report.saturating_duration_since(Instant::now())) {
                Ok(Message::Transaction(waiting)) => {
                    if let Some(transaction) = waiting.take() {
                        self.deliver(transaction);
                    }
                }
                Ok(Message::Flush(answer)) => {
                    let _given_up = answer.send(self.report());
                }
                Ok(Message::Close(answer)) => break Some(answer),
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= next_report {
                self.report();
                next_report = Instant::now() + REPORT_INTERVAL;
            }
        };
        // Transactions that arrived after the close are dropped here, so that the report includes them.
        let also_asked: Vec<_> = messages.drain().collect();
        let is_done = self.report();
        messages.close();
        if closed.is_none() {
            // This may be the last reference to the client, which discards its queue when it is dropped.
            self.counts.panics.catch(|| self.client.flush(None));
        }
        for answer in closed.into_iter().chain(also_asked) {
            let _given_up = answer.send(is_done);
        }
    }

    fn deliver(&self, mut transaction: FinishedTransaction) {
        let envelope = envelope::of_transaction(&mut transaction, &self.identity, &self.counts);
        let Some(bytes) = envelope else { return };
        if self.send(bytes) {
            self.counts.handed_over();
        } else {
            self.counts.lost(Reason::InternalSdkError, transaction.spans.len());
        }
    }

    /// Reports losses, if there are any. Losses that cannot be reported are kept for the next report. Returns whether
    /// none are kept; unsampled transactions are not losses.
    fn report(&self) -> bool {
        let losses = self.counts.take_losses();
        let is_reported = envelope::of_losses(&losses).is_none_or(|bytes| self.send(bytes));
        if !is_reported {
            self.counts.put_back(losses);
        }
        is_reported || self.counts.are_reported()
    }

    /// Sends an envelope. Returns whether the client took it. A disabled client drops it silently. The transport
    /// belongs to the application and may panic.
    fn send(&self, bytes: Vec<u8>) -> bool {
        // Raw bytes are not parsed, so that they cannot be rejected.
        self.client.is_enabled()
            && Envelope::from_bytes_raw(bytes).is_ok_and(|envelope| {
                self.counts.panics.catch(|| self.client.send_envelope(envelope)).is_some()
            })
    }
}
