//! The thread that writes envelopes and hands them to the client.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use sentry_core::{Client, Envelope};
use trace_core::FinishedTransaction;

use crate::counts::Counts;
use crate::envelope;
use crate::options::Identity;
use crate::queue::Message;

/// How often losses are reported at most.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

pub(crate) struct Delivery {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Identity,
    pub(crate) counts: Arc<Counts>,
}

impl Delivery {
    /// Works until it is closed, or until nobody can send any more and the queue is empty.
    pub(crate) fn run(self, messages: Receiver<Message>) {
        let mut next_report = Instant::now() + REPORT_INTERVAL;
        let closed = loop {
            match messages.recv_timeout(next_report.saturating_duration_since(Instant::now())) {
                Ok(Message::Transaction(waiting)) => {
                    if let Some(transaction) = waiting.take() {
                        self.deliver(transaction);
                    }
                }
                Ok(Message::Flush(asked)) => {
                    self.report();
                    drop(asked);
                }
                Ok(Message::Close(asked)) => break Some(asked),
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= next_report {
                self.report();
                next_report = Instant::now() + REPORT_INTERVAL;
            }
        };
        // What came in after the close is lost now, and so in the report.
        drop(messages);
        self.report();
        if closed.is_none() {
            // Nobody else may have the client any more, and it forgets what waits in it when it is dropped.
            self.client.flush(None);
        }
        drop(closed);
    }

    fn deliver(&self, mut transaction: FinishedTransaction) {
        if let Some(bytes) = envelope::of_transaction(&mut transaction, &self.identity, &self.counts) {
            self.send(bytes);
            self.counts.handed_over();
        }
    }

    fn report(&self) {
        if let Some(bytes) = envelope::of_losses(&self.counts.take_losses()) {
            self.send(bytes);
        }
    }

    fn send(&self, bytes: Vec<u8>) {
        // Raw bytes are not parsed, which is why they cannot be refused.
        if let Ok(envelope) = Envelope::from_bytes_raw(bytes) {
            self.client.send_envelope(envelope);
        }
    }
}
