//! The sink.

use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sentry_core::{Client, Hub};
use trace_core::{BuildError, FinishedTransaction, TracerBuilder, TransactionSink};

use crate::delivery::{Delivery, Message};
use crate::errors;
use crate::losses::{Losses, Reason};
use crate::options::{self, Identity};

/// How many transactions wait for delivery at most.
const QUEUE: usize = 100;

/// Delivers transactions through the official client. Clones share one queue and one thread.
///
/// The queue is bounded: a transaction that finds it full is dropped and counted, so that no request ever waits.
#[derive(Clone)]
pub struct SentrySink {
    shared: Arc<Shared>,
}

struct Shared {
    client: Arc<Client>,
    messages: SyncSender<Message>,
    losses: Arc<Losses>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl SentrySink {
    /// A sink over this client.
    ///
    /// # Errors
    ///
    /// If the thread that delivers cannot be started.
    pub fn new(client: Arc<Client>) -> std::io::Result<Self> {
        let (messages, receiver) = sync_channel(QUEUE);
        let losses = Arc::new(Losses::default());
        let delivery =
            Delivery { client: client.clone(), identity: Identity::of(&client), losses: losses.clone() };
        let thread =
            thread::Builder::new().name("trace-sentry".to_owned()).spawn(move || delivery.run(&receiver))?;
        Ok(Self { shared: Arc::new(Shared { client, messages, losses, thread: Mutex::new(Some(thread)) }) })
    }

    /// A sink over the client of the current hub, after `sentry::init`; `None` if there is none or its thread cannot be
    /// started.
    #[must_use]
    pub fn of_current_client() -> Option<Self> {
        Self::new(Hub::current().client()?).ok()
    }

    /// A tracer with the options of the client (DSN, release, environment, organization, rate or sampler) that delivers
    /// here. Errors captured by the main hub, and by all that are made from it, are put on the trace from now on.
    ///
    /// # Errors
    ///
    /// If an option of the client is none of ours; the returned builder checks the rest.
    pub fn tracer(&self) -> Result<TracerBuilder, BuildError> {
        errors::link_on_main_hub();
        Ok(options::tracer_builder(&self.shared.client).sink(self.clone()))
    }

    /// Waits until everything so far has been handed to the client and sent by it. Whether that was within `timeout`.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let (done, finished) = sync_channel(1);
        self.ask(Message::Flush(done), deadline)
            && !matches!(finished.recv_timeout(remaining(deadline)), Err(RecvTimeoutError::Timeout))
            && self.flush_client(deadline)
    }

    /// Flushes the client on a thread of its own: with a full queue of its own it does not keep to its timeout.
    fn flush_client(&self, deadline: Instant) -> bool {
        let client = self.shared.client.clone();
        let (done, finished) = sync_channel(1);
        let flush = move || done.send(client.flush(Some(remaining(deadline))));
        thread::Builder::new().name("trace-sentry-flush".to_owned()).spawn(flush).is_ok()
            && finished.recv_timeout(remaining(deadline)) == Ok(true)
    }

    /// Delivers what there is and ends the delivery; what comes later is dropped. Whether everything was delivered
    /// within `timeout`. The client stays open.
    pub fn close(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let flushed = self.flush(timeout);
        self.ask(Message::Close, deadline);
        if flushed
            && let Some(thread) = self.shared.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            return thread.join().is_ok();
        }
        flushed
    }

    /// Puts a message into the queue, waiting for room until the deadline.
    fn ask(&self, mut message: Message, deadline: Instant) -> bool {
        loop {
            match self.shared.messages.try_send(message) {
                Ok(()) => return true,
                Err(TrySendError::Full(back)) if Instant::now() < deadline => {
                    message = back;
                    thread::sleep(Duration::from_millis(1));
                }
                Err(_) => return false,
            }
        }
    }
}

fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

impl TransactionSink for SentrySink {
    fn send(&self, transaction: FinishedTransaction) {
        let message = Message::Transaction(Box::new(transaction));
        if let Err(TrySendError::Full(lost) | TrySendError::Disconnected(lost)) =
            self.shared.messages.try_send(message)
            && let Message::Transaction(lost) = lost
        {
            self.shared.losses.transaction(Reason::QueueOverflow, lost.spans.len());
        }
    }
}

impl fmt::Debug for SentrySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySink").field("dsn", &self.shared.client.dsn()).finish_non_exhaustive()
    }
}
