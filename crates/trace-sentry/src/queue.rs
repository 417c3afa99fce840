//! A queue to a thread. It is bounded for values, so that no request waits: if it is full, the oldest value makes room.
//! Questions to the thread have a way of their own, so that they are never dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, select, unbounded};

/// The maximum number of values that wait.
const CAPACITY: usize = 100;

/// The sending end of a queue. Clones share it. The thread may end when the last one is dropped.
pub(crate) struct Queue<T> {
    values: Sender<T>,
    /// Takes out the oldest value if there is no room.
    oldest: Receiver<T>,
    questions: Sender<Question>,
    wake: Sender<()>,
    room: Arc<Room>,
}

/// The receiving end of a queue.
pub(crate) struct Messages<T> {
    values: Receiver<T>,
    questions: Receiver<Question>,
    /// Keeps the ways of questions and wake-ups open, so that only the end of the values tells the end of the queue.
    _open: (Sender<Question>, Sender<()>),
    woken: Receiver<()>,
    room: Arc<Room>,
}

/// A message to the thread.
pub(crate) enum Message<T> {
    Value(T),
    Question(Question),
    /// The thread has something else to do.
    Woken,
}

/// A question to the thread, which it answers with `true` if everything is done that was sent before.
pub(crate) enum Question {
    Flush(Answer),
    /// The thread ends after the answer.
    Close(Answer),
}

/// The sender of an answer. A thread that panics drops it without an answer.
pub(crate) type Answer = Sender<bool>;

/// The shared state of a queue.
#[derive(Debug, Default)]
pub(crate) struct Room {
    has_overflowed: AtomicBool,
    /// `true` if the thread has ended, regularly or not.
    has_ended: AtomicBool,
    /// `true` if the thread ended regularly.
    is_closed: AtomicBool,
    /// The time by which the thread is to have ended.
    deadline: Mutex<Option<Instant>>,
    deadline_was_set: Condvar,
}

impl Room {
    /// Asks the thread to end by a time. An earlier time counts.
    pub(crate) fn close_by(&self, deadline: Instant) {
        let mut known = self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(known.map_or(deadline, |known| known.min(deadline)));
        self.deadline_was_set.notify_all();
    }

    /// Waits. Returns whether the thread may still go on, and at once if it may not.
    pub(crate) fn is_open_after(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut deadline = self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return false;
            }
            let Some(left) =
                deadline.map_or(until, |deadline| deadline.min(until)).checked_duration_since(now)
            else {
                return true;
            };
            if left.is_zero() {
                return true;
            }
            let waited = self.deadline_was_set.wait_timeout(deadline, left);
            deadline = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes that something was dropped for lack of room.
    pub(crate) fn set_overflowed(&self) {
        self.has_overflowed.store(true, Ordering::Relaxed);
    }

    /// Returns whether the queue was full since the last call.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.has_overflowed.swap(false, Ordering::Relaxed)
    }

    /// Returns whether the thread has ended, regularly or not.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    /// Returns whether the thread ended regularly.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }
}

/// Returns both ends of a new queue.
pub(crate) fn queue<T>() -> (Queue<T>, Messages<T>) {
    let (values, oldest) = bounded(CAPACITY);
    let (questions, asked) = unbounded();
    let (wake, woken) = bounded(1);
    let room = Arc::new(Room::default());
    let messages = Messages {
        values: oldest.clone(),
        questions: asked,
        _open: (questions.clone(), wake.clone()),
        woken,
        room: room.clone(),
    };
    (Queue { values, oldest, questions, wake, room }, messages)
}

impl<T> Queue<T> {
    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// Returns a function that wakes the thread, without blocking. It does not keep the thread alive.
    pub(crate) fn waker(&self) -> impl Fn() + Send + Sync + use<T> {
        let wake = self.wake.clone();
        // If there is no room, the thread is about to wake up, or has ended.
        move || _ = wake.try_send(())
    }

    /// Puts a value into the queue. Returns those that are to be dropped for it, or the value itself if the thread has
    /// ended. They count their own loss, and their drop may run code of the application.
    #[must_use = "what is dropped may call back, so that no lock may be held"]
    pub(crate) fn put(&self, value: T) -> Vec<T> {
        let (mut value, mut evicted) = (value, Vec::new());
        while let Err(TrySendError::Full(back)) = self.values.try_send(value) {
            self.room.set_overflowed();
            evicted.extend(self.oldest.try_recv());
            value = back;
        }
        if self.room.has_ended.load(Ordering::SeqCst) {
            evicted.extend(self.oldest.try_iter());
        }
        evicted
    }

    /// Drops the oldest value, which counts its own loss. Returns whether there was one.
    pub(crate) fn drop_oldest(&self) -> bool {
        self.room.set_overflowed();
        self.oldest.try_recv().is_ok()
    }

    /// Asks the thread for something. Returns its answer, or an error if it did not answer within `timeout` or has ended.
    pub(crate) fn ask(
        &self,
        question: fn(Answer) -> Question,
        timeout: Duration,
    ) -> Result<bool, RecvTimeoutError> {
        self.start_asking(question).recv_timeout(timeout)
    }

    /// Asks the thread for something. Returns the receiver of its answer.
    pub(crate) fn start_asking(&self, question: fn(Answer) -> Question) -> Receiver<bool> {
        let (answer, answered) = bounded(1);
        // A thread that has ended drops the question, which disconnects the receiver.
        let _ended = self.questions.send(question(answer));
        answered
    }
}

/// The clone of a queue shares its thread.
impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self {
            values: self.values.clone(),
            oldest: self.oldest.clone(),
            questions: self.questions.clone(),
            wake: self.wake.clone(),
            room: self.room.clone(),
        }
    }
}

impl<T> Messages<T> {
    /// Waits for the next message. The queue is disconnected when its last sending end is dropped and it is empty.
    pub(crate) fn next(&self, timeout: Duration) -> Result<Message<T>, RecvTimeoutError> {
        select! {
            recv(self.values) -> value => value.map(Message::Value).map_err(|_| RecvTimeoutError::Disconnected),
            recv(self.questions) -> question => {
                question.map(Message::Question).map_err(|_| RecvTimeoutError::Disconnected)
            }
            recv(self.woken) -> _ => Ok(Message::Woken),
            default(timeout) => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Returns the values that wait now, which are those that were sent before a question.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = T> {
        self.values.try_iter().take(self.values.len())
    }

    /// Closes the queue: what still waits, or comes later, is dropped. Returns the open questions.
    pub(crate) fn close(&self) -> impl Iterator<Item = Question> {
        self.room.has_ended.store(true, Ordering::SeqCst);
        self.values.try_iter().for_each(drop);
        self.questions.try_iter()
    }

    /// Notes that the thread has ended regularly.
    pub(crate) fn set_closed(&self) {
        self.room.is_closed.store(true, Ordering::Release);
    }
}

/// A thread that panics drops what waits, too.
impl<T> Drop for Messages<T> {
    fn drop(&mut self) {
        self.close().for_each(drop);
    }
}

impl Question {
    /// Answers the question, if somebody still waits.
    pub(crate) fn answer(self, is_done: bool) {
        let (Self::Flush(answer) | Self::Close(answer)) = self;
        let _given_up = answer.send(is_done);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{CAPACITY, Message, Messages, Question, Queue, queue};

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A value that counts its loss.
    struct Counted(usize, Arc<AtomicUsize>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn fill(queue: &Queue<Counted>, values: usize, lost: &Arc<AtomicUsize>) {
        (0..values).for_each(|number| drop(queue.put(Counted(number, lost.clone()))));
    }

    #[test]
    fn the_oldest_value_makes_room() {
        let (queue, messages) = queue();
        let lost = Arc::default();
        fill(&queue, CAPACITY, &lost);
        assert!(!queue.room().has_overflowed());
        fill(&queue, 3, &lost);
        assert_eq!(lost.load(Ordering::Relaxed), 3);
        assert!(queue.room().has_overflowed() && !queue.room().has_overflowed());
        let waiting: Vec<_> = messages.waiting().map(|value| value.0).collect();
        assert_eq!((waiting[0], waiting.len()), (3, CAPACITY));
        assert_eq!(waiting[CAPACITY - 3..], [0, 1, 2]);
    }

    #[test]
    fn a_question_is_never_dropped_and_asks_for_what_was_sent_before() {
        let (queue, messages) = queue();
        let lost = Arc::default();
        let asked = queue.start_asking(Question::Flush);
        fill(&queue, CAPACITY * 2, &lost);
        let question = loop {
            match messages.next(PATIENCE) {
                Ok(Message::Value(_)) => {}
                Ok(Message::Question(question)) => break question,
                Ok(Message::Woken) => panic!("nobody wakes it"),
                Err(error) => panic!("{error}"),
            }
        };
        messages.waiting().for_each(drop);
        question.answer(true);
        assert_eq!((asked.recv_timeout(PATIENCE), lost.load(Ordering::Relaxed)), (Ok(true), CAPACITY * 2));
    }

    #[test]
    fn the_thread_ends_with_the_last_sending_end_and_an_empty_queue() {
        let (queue, messages) = queue();
        let lost = Arc::default();
        fill(&queue.clone(), 1, &lost);
        drop(queue);
        assert!(matches!(messages.next(PATIENCE), Ok(Message::Value(_))));
        assert!(messages.next(PATIENCE).is_err());
    }

    #[test]
    fn what_comes_after_the_end_of_the_thread_is_lost_and_nobody_waits_for_an_answer() {
        type End = fn(Messages<Counted>);
        let ends: [(&str, End); 2] = [
            ("regular", |messages| messages.set_closed()),
            ("panic", |messages| {
                let _messages = messages;
                std::panic::resume_unwind(Box::new("on purpose"));
            }),
        ];
        for (name, end) in ends {
            let (queue, messages) = queue();
            let lost = Arc::default();
            fill(&queue, 2, &lost);
            let asked = queue.start_asking(Question::Flush);
            let _ended = std::thread::spawn(move || end(messages)).join();
            assert!(asked.recv().is_err(), "{name}");
            fill(&queue, 3, &lost);
            assert_eq!(lost.load(Ordering::Relaxed), 5, "{name}");
            assert!(queue.ask(Question::Close, PATIENCE).is_err(), "{name}");
            assert_eq!(queue.room().is_closed(), name == "regular");
        }
    }
}
