//! The thread that writes envelopes and hands them over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use trace_core::FinishedTransaction;

use crate::client_options::Identity;
use crate::counts::{Counts, Reason};
use crate::envelope;
use crate::outlet::Outlet;
use crate::queue::{Message, Messages, Question, Room};

/// The interval at which losses are reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

/// A transaction that waits for delivery. It counts as lost if it is dropped before it is taken out.
pub(crate) struct Waiting {
    transaction: Option<Box<FinishedTransaction>>,
    counts: Arc<Counts>,
}

impl Waiting {
    pub(crate) fn new(transaction: Box<FinishedTransaction>, counts: Arc<Counts>) -> Self {
        counts.queued();
        Self { transaction: Some(transaction), counts }
    }

    /// Returns the transaction, which then has to be counted.
    fn take(mut self) -> Option<Box<FinishedTransaction>> {
        self.transaction.take()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(lost) = &self.transaction {
            self.counts.lost_in_queue(Reason::QueueOverflow, lost.spans.len());
        }
    }
}

pub(crate) struct Delivery {
    pub(crate) outlet: Outlet,
    pub(crate) room: Arc<Room>,
    pub(crate) identity: Identity,
    pub(crate) counts: Arc<Counts>,
}

impl Delivery {
    /// Runs until a question closes it, or until all senders are dropped and the queue is empty.
    pub(crate) fn run(self, messages: Messages<Waiting>) {
        let mut next_report = Instant::now() + REPORT_INTERVAL;
        let closed = loop {
            match messages.next(next_report.saturating_duration_since(Instant::now())) {
                Ok(Message::Value(waiting)) => self.deliver(waiting),
                Ok(Message::Question(question)) => {
                    messages.waiting().for_each(|waiting| self.deliver(waiting));
                    match question {
                        Question::Flush(_) => question.answer(self.report()),
                        Question::Close(_) => break Some(question),
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= next_report {
                self.report();
                next_report = Instant::now() + REPORT_INTERVAL;
            }
        };
        // Transactions that arrived after the close are dropped here, so that the report includes them.
        let also_asked: Vec<_> = messages.close().collect();
        let is_done = self.report();
        messages.set_closed();
        if closed.is_none() {
            // This may be the last reference to the client, which discards its queue when it is dropped.
            self.outlet.flush_client();
        }
        closed.into_iter().chain(also_asked).for_each(|question| question.answer(is_done));
    }

    fn deliver(&self, waiting: Waiting) {
        let Some(mut transaction) = waiting.take() else { return };
        let delivered = self.outlet.wait_for_room(&self.room).and_then(|()| {
            let envelope = envelope::of_transaction(&mut transaction, &self.identity, &self.counts);
            self.outlet.send_transaction(envelope.ok_or(Reason::InternalSdkError)?, transaction.spans.len())
        });
        match delivered {
            Ok(()) => self.counts.handed_over(),
            Err(reason) => self.counts.lost_in_queue(reason, transaction.spans.len()),
        }
    }

    fn report(&self) -> bool {
        self.outlet.report(&self.counts, &self.room)
    }
}
