//! The queue to the delivery thread. It is bounded for transactions, so that no request waits, and unbounded for other
//! messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use trace_core::FinishedTransaction;

use crate::counts::{Counts, Reason};

/// The maximum number of transactions that wait for delivery.
const CAPACITY: usize = 100;

/// The sending end of the queue.
pub(crate) struct Queue {
    messages: Sender<Message>,
    room: Arc<Room>,
}

/// The receiving end of the queue.
pub(crate) struct Messages {
    receiver: Receiver<Message>,
    room: Arc<Room>,
}

/// A message to the delivery thread.
pub(crate) enum Message {
    Transaction(Waiting),
    /// Asks for a report of the losses.
    Flush(Answer),
    /// Asks for a report of the losses, and ends the thread.
    Close(Answer),
}

/// The sender of an answer: `true` if everything is done. A thread that panics drops it without an answer.
pub(crate) type Answer = Sender<bool>;

/// A transaction in the queue. It counts as lost if it is dropped before it is taken out.
pub(crate) struct Waiting {
    transaction: Option<Box<FinishedTransaction>>,
    room: Arc<Room>,
}

/// The shared state of the queue.
pub(crate) struct Room {
    waiting: AtomicUsize,
    has_overflowed: AtomicBool,
    /// `true` if the thread ended regularly.
    is_closed: AtomicBool,
    counts: Arc<Counts>,
}

impl Room {
    /// Returns whether the queue is full, or was full since the last call.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.has_overflowed.swap(false, Ordering::Relaxed) || self.waiting.load(Ordering::Relaxed) >= CAPACITY
    }
}

impl Queue {
    pub(crate) fn new(counts: Arc<Counts>) -> (Self, Messages) {
        let (messages, receiver) = channel();
        let room = Arc::new(Room {
            waiting: AtomicUsize::new(0),
            has_overflowed: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            counts,
        });
        (Self { messages, room: room.clone() }, Messages { receiver, room })
    }

    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// Puts a transaction into the queue, or counts it as lost if there is no room.
    pub(crate) fn put(&self, transaction: Box<FinishedTransaction>) {
        let before = self.room.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting { transaction: Some(transaction), room: self.room.clone() };
        if before < CAPACITY {
            self.tell(Message::Transaction(waiting));
        } else {
            self.room.has_overflowed.store(true, Ordering::Relaxed);
        }
    }

    /// Asks the thread for something. Returns whether it was done within `timeout`. If the thread was closed before,
    /// returns whether nothing has been lost since.
    pub(crate) fn ask(&self, message: fn(Answer) -> Message, timeout: Duration) -> bool {
        let (answer, answered) = channel();
        self.tell(message(answer));
        match answered.recv_timeout(timeout) {
            Ok(is_done) => is_done,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                self.room.is_closed.load(Ordering::Acquire) && self.room.counts.are_reported()
            }
        }
    }

    /// Sends a message, which is dropped if the thread has ended.
    fn tell(&self, message: Message) {
        let _ended = self.messages.send(message);
    }
}

impl Messages {
    pub(crate) fn next(&self, timeout: Duration) -> Result<Message, RecvTimeoutError> {
        self.receiver.recv_timeout(timeout)
    }

    /// Drops the waiting transactions, and returns the senders of the open answers.
    pub(crate) fn drain(&self) -> impl Iterator<Item = Answer> {
        self.receiver.try_iter().filter_map(|message| match message {
            Message::Transaction(_) => None,
            Message::Flush(answer) | Message::Close(answer) => Some(answer),
        })
    }

    /// Closes the queue. The remaining messages are dropped, and their transactions are lost.
    pub(crate) fn close(self) {
        self.room.is_closed.store(true, Ordering::Release);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use trace_core::{DropReason, InMemorySink, Loss, Tracer, TransactionName};

    use super::{Message, Messages, Queue};
    use crate::counts::{Counts, Reason};

    const PATIENCE: Duration = Duration::from_secs(10);

    /// Puts one transaction into the queue.
    fn put_one(queue: &Queue) {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        drop(tracer.service_span("task", TransactionName::default()).start());
        sink.take().into_iter().for_each(|transaction| queue.put(Box::new(transaction)));
    }

    /// Returns the answers to a flush and to a close.
    fn ask(queue: &Queue) -> [bool; 2] {
        [queue.ask(Message::Flush, PATIENCE), queue.ask(Message::Close, PATIENCE)]
    }

    #[test]
    fn only_a_thread_that_ended_well_leaves_nothing_to_do_until_something_is_lost() {
        type Row = (&'static str, fn(Messages, &Counts), bool);
        let table: [Row; 5] = [
            ("it was closed", |messages, _| messages.close(), true),
            (
                "it was closed, and something was not sampled",
                |messages, counts| {
                    counts.lost_before(Loss::of_transaction(DropReason::SampleRate, 0));
                    messages.close();
                },
                true,
            ),
            (
                "it was closed without its report",
                |messages, counts| {
                    counts.lost_spans(Reason::BufferOverflow, 1);
                    messages.close();
                },
                false,
            ),
            ("it is gone", |messages, _| drop(messages), false),
            (
                "it panics",
                |messages, _| {
                    let _messages = messages;
                    std::panic::resume_unwind(Box::new("on purpose"));
                },
                false,
            ),
        ];
        for (name, thread, expected) in table {
            let counts = Arc::new(Counts::default());
            let (queue, messages) = Queue::new(counts.clone());
            let seen = counts.clone();
            let _ended = std::thread::spawn(move || thread(messages, &seen)).join();
            assert_eq!(ask(&queue), [expected; 2], "{name}");
            put_one(&queue);
            assert_eq!(ask(&queue), [false; 2], "{name}");
            assert_eq!(counts.statistics().dropped, 1, "{name}");
        }
    }

    #[test]
    fn a_thread_that_dies_later_answers_nobody() {
        let counts = Arc::new(Counts::default());
        let (queue, messages) = Queue::new(counts.clone());
        let thread = std::thread::spawn(move || {
            let _transaction = messages.next(PATIENCE);
            let _flush = messages.next(PATIENCE);
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        put_one(&queue);
        assert_eq!(ask(&queue), [false; 2]);
        assert!(thread.join().is_err());
        assert_eq!(counts.statistics().dropped, 1);
    }
}
