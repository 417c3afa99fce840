//! The thread that writes envelopes and hands them over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use trace_core::{Deadlines, FinishedTransaction};

use crate::counts::{Counts, Reason};
use crate::envelope;
use crate::official_options::Identity;
use crate::outlet::{Content, Outlet};
use crate::queue::{Message, Messages, Question, Room};
use crate::stream::{Batch, Bucket, Buckets};

/// The interval at which losses are reported.
const REPORT_INTERVAL: Duration = Duration::from_secs(30);

/// A value that waits for delivery. If it is dropped, it counts its own loss.
pub(crate) enum Waiting {
    Transaction(WaitingTransaction),
    Spans(Bucket),
}

impl From<Bucket> for Waiting {
    fn from(bucket: Bucket) -> Self {
        Self::Spans(bucket)
    }
}

/// A transaction that waits for delivery. It counts as lost if it is dropped before it is taken out.
pub(crate) struct WaitingTransaction {
    transaction: Option<Box<FinishedTransaction>>,
    counts: Arc<Counts>,
}

impl WaitingTransaction {
    pub(crate) fn new(transaction: Box<FinishedTransaction>, counts: Arc<Counts>) -> Self {
        counts.queued();
        Self { transaction: Some(transaction), counts }
    }

    /// Returns the transaction, which then has to be counted.
    fn take(mut self) -> Option<Box<FinishedTransaction>> {
        self.transaction.take()
    }
}

impl Drop for WaitingTransaction {
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
    /// The streamed spans that are gathered.
    pub(crate) buckets: Arc<Buckets>,
    /// The transactions that end at a time although nothing happens.
    pub(crate) deadlines: Deadlines,
}

impl Delivery {
    /// Runs until a question closes it, or until all senders are dropped and the queue is empty.
    pub(crate) fn run(self, messages: Messages<Waiting>) {
        let mut next_report = Instant::now() + REPORT_INTERVAL;
        let mut next_deadline = None;
        let closed = loop {
            let next = next_report.min(self.buckets.next_due());
            let next = next_deadline.map_or(next, |deadline| next.min(deadline));
            let mut is_woken = false;
            match messages.next(next.saturating_duration_since(Instant::now())) {
                Ok(Message::Value(waiting)) => self.deliver(waiting),
                Ok(Message::Question(question)) => {
                    self.deliver_waiting(&messages);
                    match question {
                        Question::Flush(_) => question.answer(self.report()),
                        Question::Close(_) => break Some(question),
                    }
                }
                Ok(Message::Woken) => is_woken = true,
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if is_woken || next_deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                // They come into the queue to this thread, which would overflow if many were due at once.
                next_deadline =
                    self.deadlines.end_due(|| messages.waiting().for_each(|ended| self.deliver(ended)));
            }
            while let Some(bucket) = self.buckets.take_due() {
                self.deliver_spans(bucket);
            }
            if Instant::now() >= next_report {
                self.report();
                next_report = Instant::now() + REPORT_INTERVAL;
            }
        };
        // What arrived after the close is dropped here, so that the report includes it.
        let also_asked: Vec<_> = messages.close().collect();
        self.buckets.clear();
        let is_done = self.report();
        messages.set_closed();
        if closed.is_none() {
            // This may be the last reference to the client, which discards its queue when it is dropped.
            self.outlet.flush_client();
        }
        closed.into_iter().chain(also_asked).for_each(|question| question.answer(is_done));
    }

    /// Delivers everything that waits now. Buckets move on to the queue, so that they come first.
    fn deliver_waiting(&self, messages: &Messages<Waiting>) {
        let now = Instant::now();
        while let Some(bucket) = self.buckets.take_begun_by(now) {
            self.deliver_spans(bucket);
        }
        messages.waiting().for_each(|waiting| self.deliver(waiting));
    }

    fn deliver(&self, waiting: Waiting) {
        match waiting {
            Waiting::Transaction(transaction) => self.deliver_transaction(transaction),
            Waiting::Spans(bucket) => self.deliver_spans(bucket),
        }
    }

    fn deliver_spans(&self, mut bucket: Bucket) {
        while bucket.len() > 0 {
            // Spans that a rate limit stops are not written.
            if let Err(reason) = self.outlet.wait_for_room(Content::Spans(bucket.len()), &self.room) {
                return bucket.lose(reason);
            }
            let before = bucket.len();
            let batch = self.counts.panics.catch(|| Batch::take_from(&mut bucket, &self.identity));
            let Some(Batch { envelope, spans, too_large }) = batch else {
                self.counts.spans_lost_in_queue(Reason::InternalSdkError, before - bucket.len());
                return bucket.lose(Reason::InternalSdkError);
            };
            self.counts.spans_lost_in_queue(Reason::InternalSdkError, too_large);
            let sent = envelope.ok_or(Reason::InternalSdkError);
            match sent.and_then(|envelope| self.outlet.send(envelope, Content::Spans(spans))) {
                Ok(()) => self.counts.spans_handed_over(spans),
                Err(reason) => self.counts.spans_lost_in_queue(reason, spans),
            }
        }
    }

    fn deliver_transaction(&self, waiting: WaitingTransaction) {
        let Some(mut transaction) = waiting.take() else { return };
        let content = |transaction: &FinishedTransaction| Content::Transaction(transaction.spans.len());
        let delivered = self.outlet.wait_for_room(content(&transaction), &self.room).and_then(|()| {
            // A value of the application that panics when it is written costs its transaction alone.
            let write = || envelope::of_transaction(&mut transaction, &self.identity, &self.counts);
            let envelope = self.counts.panics.catch(write).flatten();
            self.outlet.send(envelope.ok_or(Reason::InternalSdkError)?, content(&transaction))
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

/// A thread that panics drops what was gathered, too.
impl Drop for Delivery {
    fn drop(&mut self) {
        self.buckets.clear();
    }
}
