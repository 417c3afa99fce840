//! The thread that writes envelopes and hands them to the client.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use sentry_core::{Client, Envelope};
use trace_core::FinishedTransaction;

use crate::envelope;
use crate::losses::Losses;
use crate::options::Identity;

/// How often losses are reported at most.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

/// What the thread is told.
pub(crate) enum Message {
    Transaction(Box<FinishedTransaction>),
    /// Report and answer once everything before has been handed over.
    Flush(SyncSender<()>),
    Close,
}

pub(crate) struct Delivery {
    pub(crate) client: Arc<Client>,
    pub(crate) identity: Identity,
    pub(crate) losses: Arc<Losses>,
}

impl Delivery {
    /// Works until it is closed or nobody can send any more.
    pub(crate) fn run(self, messages: &Receiver<Message>) {
        let mut next_report = Instant::now() + REPORT_INTERVAL;
        loop {
            match messages.recv_timeout(next_report.saturating_duration_since(Instant::now())) {
                Ok(Message::Transaction(transaction)) => {
                    self.send(envelope::of_transaction(*transaction, &self.identity, &self.losses));
                }
                Ok(Message::Flush(done)) => {
                    self.report();
                    // Whoever asked may have stopped waiting.
                    let _gone = done.try_send(());
                }
                Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= next_report {
                self.report();
                next_report = Instant::now() + REPORT_INTERVAL;
            }
        }
        self.report();
    }

    fn report(&self) {
        self.send(envelope::of_losses(&self.losses.take()));
    }

    fn send(&self, bytes: Option<Vec<u8>>) {
        if let Some(Ok(envelope)) = bytes.map(Envelope::from_bytes_raw) {
            self.client.send_envelope(envelope);
        }
    }
}
