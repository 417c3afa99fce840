//! One official client a service, as if each were a process of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sentry::{Client, ClientOptions};
use trace_core::{FinishedTransaction, TransactionSink};
use trace_sentry::SentrySink;

use super::Destination;
use super::transport::{Answers, CountingTransport};

/// How long the end waits for all services together.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many envelopes of a service may wait to be sent: a run is faster than a server far away.
const ROOM: usize = 1_000;

/// The delivery of all services.
pub(crate) struct Delivery {
    destination: Destination,
    sinks: Mutex<Vec<SentrySink>>,
    finished: Arc<AtomicU64>,
    answers: Arc<Answers>,
}

/// What came of it.
pub(crate) struct Delivered {
    /// Where the transactions went; it holds no key.
    pub(crate) url: String,
    /// How many the services finished.
    pub(crate) finished: u64,
    /// How many of them the server took.
    pub(crate) accepted: u64,
    /// What went wrong last, if the server or the way to it told.
    pub(crate) failure: Option<String>,
}

/// Where a service leaves its finished transactions.
pub(crate) struct ServiceSink {
    sink: SentrySink,
    finished: Arc<AtomicU64>,
}

impl Delivery {
    pub(crate) fn new(destination: Destination) -> Self {
        Self { destination, sinks: Mutex::default(), finished: Arc::default(), answers: Arc::default() }
    }

    pub(crate) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// A sink over a new client, for the service of this release.
    pub(crate) fn sink(
        &self,
        release: &'static str,
        environment: &'static str,
    ) -> std::io::Result<ServiceSink> {
        let mut options = ClientOptions::new()
            .release(release)
            .environment(environment)
            .transport_channel_capacity(ROOM)
            .transport(CountingTransport(self.answers.clone()));
        options.dsn = Some(self.destination.dsn.clone());
        let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
        // Never dropped: that would wait, however long, for a server that does not answer.
        std::mem::forget(client.clone());
        let sink = SentrySink::new(client)?;
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).push(sink.clone());
        Ok(ServiceSink { sink, finished: self.finished.clone() })
    }

    /// Delivers what there is and closes all sinks, within five seconds. Blocks the thread.
    pub(crate) fn close(&self) -> Delivered {
        let deadline = Instant::now() + PATIENCE;
        for sink in self.sinks.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // The answers tell what arrived.
            let _in_time = sink.close(deadline.saturating_duration_since(Instant::now()));
        }
        Delivered {
            url: self.destination.url(),
            finished: self.finished.load(Ordering::Relaxed),
            accepted: self.answers.accepted(),
            failure: self.answers.failure(),
        }
    }
}

impl Delivered {
    /// Whether the server took every transaction.
    pub(crate) fn is_complete(&self) -> bool {
        self.accepted >= self.finished
    }
}

impl TransactionSink for ServiceSink {
    fn send(&self, transaction: FinishedTransaction) {
        self.finished.fetch_add(1, Ordering::Relaxed);
        self.sink.send(transaction);
    }
}
