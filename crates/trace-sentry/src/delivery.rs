//! The thread that writes envelopes and hands them to the client.

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use sentry_core::{Client, Envelope};
use trace_core::FinishedTransaction;

use crate::counts::{Counts, Reason};
use crate::envelope;
use crate::options::Identity;
use crate::queue::{Message, Messages};

/// How often losses are reported at most.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

pub(crate) struct Delivery {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Identity,
    pub(crate) counts: Arc<Counts>,
}

impl Delivery {
    /// Works until it is closed, or until nobody can send any more and the queue is empty.
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
        // What came in after the close is lost now, and so in the report.
        let also_asked: Vec<_> = messages.drain().collect();
        let is_done = self.report();
        messages.close();
        if closed.is_none() {
            // Nobody else may have the client any more, and it forgets what waits in it when it is dropped.
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

    /// Reports what was lost, if anything was. What could not be reported stays for the next time. Returns whether nothing
    /// of it is a loss.
    fn report(&self) -> bool {
        let losses = self.counts.take_losses();
        let is_reported = envelope::of_losses(&losses).is_none_or(|bytes| self.send(bytes));
        if !is_reported {
            self.counts.put_back(losses);
        }
        is_reported || self.counts.are_reported()
    }

    /// Returns whether the client took it: one that is disabled drops it silently. The transport is the application's, and
    /// may panic.
    fn send(&self, bytes: Vec<u8>) -> bool {
        // Raw bytes are not parsed, which is why they cannot be refused.
        self.client.is_enabled()
            && Envelope::from_bytes_raw(bytes).is_ok_and(|envelope| {
                self.counts.panics.catch(|| self.client.send_envelope(envelope)).is_some()
            })
    }
}
