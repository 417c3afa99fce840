//! The queue to the delivery thread: bounded for transactions, so that no request waits, and open for the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use trace_core::FinishedTransaction;

use crate::counts::{Counts, Reason};

/// How many transactions wait for delivery at most.
const CAPACITY: usize = 100;

/// The end at which transactions are put in.
pub(crate) struct Queue {
    messages: Sender<Message>,
    room: Arc<Room>,
}

/// What the delivery thread is told. Whoever asks for something is answered by the drop of the sender, which also happens
/// when the thread has ended.
pub(crate) enum Message {
    Transaction(Waiting),
    /// Report what was lost.
    Flush(Sender<()>),
    /// The same, and take nothing more.
    Close(Sender<()>),
}

/// A transaction in the queue. It counts as lost if it is never taken out.
pub(crate) struct Waiting {
    transaction: Option<Box<FinishedTransaction>>,
    room: Arc<Room>,
}

struct Room {
    waiting: AtomicUsize,
    counts: Arc<Counts>,
}

impl Queue {
    pub(crate) fn new(counts: Arc<Counts>) -> (Self, Receiver<Message>) {
        let (messages, receiver) = channel();
        let room = Arc::new(Room { waiting: AtomicUsize::new(0), counts });
        (Self { messages, room }, receiver)
    }

    /// Puts a transaction in if there is room, and counts it as lost otherwise.
    pub(crate) fn put(&self, transaction: FinishedTransaction) {
        let before = self.room.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting { transaction: Some(Box::new(transaction)), room: self.room.clone() };
        if before < CAPACITY {
            self.tell(Message::Transaction(waiting));
        }
    }

    /// Tells the thread something; once it has ended, the message is dropped.
    pub(crate) fn tell(&self, message: Message) {
        let _ended = self.messages.send(message);
    }
}

impl Waiting {
    pub(crate) fn take(mut self) -> Option<FinishedTransaction> {
        self.transaction.take().map(|transaction| *transaction)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.room.waiting.fetch_sub(1, Ordering::Relaxed);
        if let Some(lost) = &self.transaction {
            self.room.counts.lost(Reason::QueueOverflow, lost.spans.len());
        }
    }
}
