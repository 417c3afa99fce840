//! The queue to the delivery thread: bounded for transactions, so that no request waits, and open for the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

/// What is known of the queue.
pub(crate) struct Room {
    waiting: AtomicUsize,
    has_overflowed: AtomicBool,
    counts: Arc<Counts>,
}

impl Room {
    /// Whether it is full, or was since the last time.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.has_overflowed.swap(false, Ordering::Relaxed) || self.waiting.load(Ordering::Relaxed) >= CAPACITY
    }
}

impl Queue {
    pub(crate) fn new(counts: Arc<Counts>) -> (Self, Receiver<Message>) {
        let (messages, receiver) = channel();
        let room =
            Arc::new(Room { waiting: AtomicUsize::new(0), has_overflowed: AtomicBool::new(false), counts });
        (Self { messages, room }, receiver)
    }

    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// Puts a transaction in if there is room, and counts it as lost otherwise.
    pub(crate) fn put(&self, transaction: FinishedTransaction) {
        let before = self.room.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting { transaction: Some(Box::new(transaction)), room: self.room.clone() };
        if before < CAPACITY {
            self.tell(Message::Transaction(waiting));
        } else {
            self.room.has_overflowed.store(true, Ordering::Relaxed);
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
