//! One official client a service, as if each were a process of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sentry::{Client, ClientOptions};
use trace_core::TraceLifecycle;
use trace_sentry::{BuildError, SentrySink, Spotlight};

use super::answers::Answers;
use super::transport::CountingTransport;
use super::{Copied, Delivered, Destination, Outcome, ServiceSink};

/// How long the end waits for all services together.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many envelopes of a service may wait to be sent: a run is faster than a server far away.
const ROOM: usize = 1_000;

/// The delivery of all services.
pub(crate) struct Delivery {
    destination: Option<Destination>,
    spotlight: Spotlight,
    lifecycle: TraceLifecycle,
    sinks: Mutex<Vec<SentrySink>>,
    finished: Arc<AtomicU64>,
    answers: Arc<Answers>,
}

impl Delivery {
    /// What there is to deliver to; `None` if there is nothing.
    ///
    /// # Errors
    ///
    /// If Spotlight's URL is not one that it can have.
    pub(crate) fn open(
        destination: Option<Destination>,
        spotlight: Spotlight,
        lifecycle: TraceLifecycle,
    ) -> Result<Option<Self>, BuildError> {
        // Only a sink knows what the environment says of Spotlight.
        let trial = sink(Client::from_config(ClientOptions::new()), &spotlight, lifecycle)?;
        let delivery = Self {
            destination,
            spotlight,
            lifecycle,
            sinks: Mutex::default(),
            finished: Arc::default(),
            answers: Arc::default(),
        };
        Ok((delivery.destination.is_some() || trial.spotlight().is_some()).then_some(delivery))
    }

    /// The DSN, if there is one to deliver to.
    pub(crate) fn dsn(&self) -> Option<&str> {
        self.destination.as_ref().map(Destination::dsn)
    }

    /// A sink over a new client, for the service of this release.
    pub(crate) fn sink(
        &self,
        release: &'static str,
        environment: &'static str,
    ) -> Result<ServiceSink, BuildError> {
        let mut options = ClientOptions::new()
            .release(release)
            .environment(environment)
            .transport_channel_capacity(ROOM)
            .transport(CountingTransport(self.answers.clone()));
        options.dsn = self.destination.as_ref().map(|destination| destination.dsn.clone());
        let client = Client::from_config(sentry::apply_defaults(options));
        let sink = sink(client, &self.spotlight, self.lifecycle)?;
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner).push(sink.clone());
        Ok(ServiceSink { sink, finished: self.finished.clone() })
    }

    /// Delivers what there is and closes all sinks, within five seconds. Blocks the thread.
    pub(crate) fn close(&self) -> Outcome {
        let sinks = std::mem::take(&mut *self.sinks.lock().unwrap_or_else(PoisonError::into_inner));
        // All at once, so that a destination that does not answer one service takes no time from the others.
        thread::scope(|scope| {
            for sink in &sinks {
                // The answers tell what arrived.
                scope.spawn(|| sink.close(PATIENCE));
            }
        });
        let (accepted, failure) = self.answers.so_far();
        let delivered = self.destination.as_ref().map(|destination| Delivered {
            url: destination.url(),
            unit: if self.lifecycle == TraceLifecycle::Stream { "spans" } else { "transactions" },
            finished: self.finished.load(Ordering::Relaxed),
            accepted,
            failure,
        });
        Outcome { delivered, copied: Copied::sum(sinks.iter().filter_map(SentrySink::spotlight)) }
    }
}

fn sink(client: Client, spotlight: &Spotlight, lifecycle: TraceLifecycle) -> Result<SentrySink, BuildError> {
    let client = Arc::new(client);
    // Never dropped: that would wait, however long, for a server that does not answer.
    std::mem::forget(client.clone());
    SentrySink::builder(client).trace_lifecycle(lifecycle).spotlight(spotlight.clone()).build()
}
