//! The sink.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use sentry_core::{Client, Hub};
use trace_core::{DropReason, FinishedTransaction, TracerBuilder, TransactionSink};

use crate::counts::{Counts, Statistics};
use crate::delivery::Delivery;
use crate::errors;
use crate::options::{self, Identity};
use crate::queue::{Message, Queue};

/// Delivers transactions through the official client. Clones share one queue and one thread.
///
/// The queue is bounded: a transaction that finds it full is dropped and counted, so that no request ever waits.
///
/// When the last clone is dropped (tracers hold one, too), the thread delivers what still waits, flushes the client and
/// ends, in the background; to wait for that, [`close`](Self::close) it.
#[derive(Clone)]
pub struct SentrySink {
    shared: Arc<Shared>,
}

struct Shared {
    client: Arc<Client>,
    queue: Queue,
    counts: Arc<Counts>,
}

impl SentrySink {
    /// A sink over this client.
    ///
    /// # Errors
    ///
    /// If the thread that delivers cannot be started.
    pub fn new(client: Arc<Client>) -> std::io::Result<Self> {
        let counts = Arc::new(Counts::default());
        let (queue, messages) = Queue::new(counts.clone());
        let delivery =
            Delivery { client: client.clone(), identity: Identity::of(&client), counts: counts.clone() };
        thread::Builder::new().name("trace-sentry".to_owned()).spawn(move || delivery.run(messages))?;
        Ok(Self { shared: Arc::new(Shared { client, queue, counts }) })
    }

    /// A sink over the client of the current hub, after `sentry::init`; `None` if there is none or its thread cannot be
    /// started.
    #[must_use]
    pub fn of_current_client() -> Option<Self> {
        Self::new(Hub::current().client()?).ok()
    }

    /// A tracer with the options of the client (DSN, release, environment, organization, rate or sampler) that delivers
    /// here. Errors captured by the main hub, and by all that are made from it, are put on the trace from now on.
    pub fn tracer(&self) -> TracerBuilder {
        errors::link_on_main_hub();
        options::tracer_builder(&self.shared.client).sink(self.clone())
    }

    /// What became of the transactions so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.counts.statistics()
    }

    /// Waits until everything so far has been handed to the client and sent by it, and what was lost has been reported.
    /// Whether that was within `timeout`; if not, it goes on in the background. Of a closed sink it flushes the client.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> bool {
        self.finish(Message::Flush, timeout)
    }

    /// The same, and ends the delivery: what comes later is dropped and counted, but no longer reported. The client stays
    /// open.
    pub fn close(&self, timeout: Duration) -> bool {
        self.finish(Message::Close, timeout)
    }

    fn finish(&self, ask: fn(Sender<()>) -> Message, timeout: Duration) -> bool {
        let began = Instant::now();
        let (asked, answer) = channel();
        self.shared.queue.tell(ask(asked));
        answer.recv_timeout(timeout) == Err(RecvTimeoutError::Disconnected)
            && self.flush_client(timeout.saturating_sub(began.elapsed()))
    }

    /// Flushes the client on a thread of its own: with a full queue of its own it does not keep to its timeout.
    fn flush_client(&self, timeout: Duration) -> bool {
        let client = self.shared.client.clone();
        let (done, finished) = sync_channel(1);
        let flush = move || done.send(client.flush(Some(timeout)));
        thread::Builder::new().name("trace-sentry-flush".to_owned()).spawn(flush).is_ok()
            && finished.recv_timeout(timeout) == Ok(true)
    }
}

impl TransactionSink for SentrySink {
    fn send(&self, transaction: FinishedTransaction) {
        self.shared.queue.put(transaction);
    }

    fn dropped(&self, reason: DropReason, spans: usize) {
        self.shared.counts.lost(reason.into(), spans);
    }

    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        self.shared.counts.lost_spans(reason.into(), spans);
    }
}

impl fmt::Debug for SentrySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySink")
            .field("dsn", &self.shared.client.dsn())
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}
