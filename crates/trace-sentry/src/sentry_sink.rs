//! The sink that delivers transactions or streamed spans to Sentry.

use std::fmt;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use sentry_core::{Client, Hub};
use trace_core::{Deadlines, TraceLifecycle, TracerBuilder};

use crate::backpressure::Backpressure;
use crate::builder::{BuildError, SentrySinkBuilder};
use crate::counts::{Counts, Statistics};
use crate::delivery::{Delivery, Waiting};
use crate::errors;
use crate::official_options::{self, Identity};
use crate::outlet::Outlet;
use crate::own_work;
use crate::queue::{Answer, Question, Queue, queue};
use crate::redacted;
use crate::request_scope::RequestScope;
#[cfg(feature = "spotlight")]
use crate::spotlight::Pipeline;
use crate::stream::{Buckets, Intake};

/// The most threads that flush the client at a time. An official transport with a full queue may hold each of them as long as
/// its server is silent.
const MOST_FLUSHING: usize = 16;

/// A sink that delivers transactions, or [streamed](SentrySinkBuilder::trace_lifecycle) spans, through the official
/// client. Clones share one queue and one thread.
///
/// The queue is bounded. If it is full, a transaction is dropped and counted, so that no request waits. Of streamed
/// spans, at most 100,000 or 64 MiB wait; then those of the oldest trace are dropped.
///
/// When the last clone is dropped (tracers hold clones, too), the thread delivers the waiting transactions, flushes the
/// client and ends. This happens in the background; use [`close`](Self::close) to wait for it.
///
/// A panic of the transport is caught and [counted](Statistics::caught_panics). Only the transaction that the transport
/// was given is lost.
#[derive(Clone)]
pub struct SentrySink {
    shared: Arc<Shared>,
}

struct Shared {
    client: Arc<Client>,
    lifecycle: TraceLifecycle,
    queue: Queue<Waiting>,
    spans: Intake<Waiting>,
    counts: Arc<Counts>,
    deadlines: Deadlines,
    backpressure: Option<Backpressure>,
    #[cfg(feature = "spotlight")]
    spotlight: Option<Pipeline>,
    /// Shared with the threads that flush the client.
    flushing: Arc<()>,
    /// The guard that links the main hub to this sink only once.
    hooked: Once,
}

impl SentrySink {
    /// Creates the options of a sink for this client.
    pub fn builder(client: Arc<Client>) -> SentrySinkBuilder {
        SentrySinkBuilder::new(client)
    }

    /// Creates a sink for this client with default options.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build`](SentrySinkBuilder::build).
    pub fn new(client: Arc<Client>) -> Result<Self, BuildError> {
        Self::builder(client).build()
    }

    pub(crate) fn start(options: SentrySinkBuilder) -> Result<Self, BuildError> {
        let counts = Arc::new(Counts::new(options.lifecycle));
        #[cfg(feature = "spotlight")]
        let spotlight = options.open_spotlight(counts.panics.clone())?;
        let SentrySinkBuilder { client, lifecycle, backpressure, unhealthy, interval, .. } = options;
        let (queue, messages) = queue();
        let buckets = Buckets::new(counts.clone());
        let deadlines = Deadlines::new(queue.waker(), RequestScope::of_current_poll);
        let outlet = Outlet::new(client.clone(), counts.panics.clone());
        let delivery = Delivery {
            outlet: outlet.clone(),
            room: queue.room().clone(),
            identity: Identity::of(&client),
            counts: counts.clone(),
            buckets: buckets.clone(),
            deadlines: deadlines.clone(),
        };
        thread::Builder::new().name("trace-sentry".to_owned()).spawn(move || delivery.run(messages))?;
        let backpressure = match backpressure {
            true => {
                let (room, panics) = (queue.room().clone(), counts.panics.clone());
                Some(Backpressure::watch(outlet, room, unhealthy, interval, panics)?)
            }
            false => None,
        };
        let shared = Shared {
            client,
            lifecycle,
            spans: Intake::new(buckets, queue.clone()),
            queue,
            counts,
            deadlines,
            backpressure,
            #[cfg(feature = "spotlight")]
            spotlight,
            flushing: Arc::default(),
            hooked: Once::new(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Creates a sink for the client of the current hub. `sentry::init` must have been called before.
    ///
    /// # Errors
    ///
    /// Returns an error if no client is bound to the hub, and the errors of [`new`](Self::new).
    pub fn of_current_client() -> Result<Self, BuildError> {
        Self::new(Hub::current().client().ok_or(BuildError::NO_CLIENT)?)
    }

    /// Returns the builder of a tracer that delivers to this sink. It has the options of the client: DSN, release,
    /// environment, organization, and rate or sampler. From now on, errors captured by the main hub, and by all hubs
    /// that are made from it, are put on the trace.
    pub fn tracer(&self) -> TracerBuilder {
        self.shared.hooked.call_once(|| {
            errors::link_on_main_hub();
            #[cfg(feature = "spotlight")]
            if self.shared.spotlight.is_some() {
                // The hub lives as long as the process, and the sink need not.
                let shared = Arc::downgrade(&self.shared);
                errors::show_from_main_hub(move |event| {
                    if let Some(shared) = shared.upgrade()
                        && let Some(spotlight) = &shared.spotlight
                    {
                        spotlight.put_event(event.clone());
                    }
                });
            }
        });
        official_options::tracer_builder(&self.shared.client).sink(self.clone())
    }

    /// Returns the numbers of transactions or streamed spans that were delivered or lost so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.counts.statistics()
    }

    #[cfg(test)]
    pub(crate) fn downsampling(&self) -> Option<&trace_core::Downsampling> {
        self.shared.backpressure.as_ref().map(Backpressure::factor)
    }

    /// Returns the state of the copies for Spotlight, or `None` if it is not used.
    #[cfg(feature = "spotlight")]
    #[must_use]
    pub fn spotlight(&self) -> Option<crate::Copies> {
        self.shared.spotlight.as_ref().map(Pipeline::copies)
    }

    /// Waits until everything so far has been handed to the client and sent by it, and until losses have been reported.
    /// Returns whether this was done within `timeout`. If not, it continues in the background. For a closed sink, this
    /// flushes the client.
    ///
    /// The result is also `false` as long as a loss cannot be reported: because the client is disabled (it has no DSN,
    /// no transport, or is closed), because its transport panicked, because the sink was closed before, or because the
    /// delivery thread has ended. Unsampled transactions are not losses. It is `false` at once while sixteen earlier calls
    /// have not got an answer from the client, as with an official transport whose server is silent.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> bool {
        self.finish(Question::Flush, timeout)
    }

    /// Flushes the sink and ends the delivery. Later transactions are dropped and counted, but no longer reported. The
    /// client stays open.
    pub fn close(&self, timeout: Duration) -> bool {
        // A timeout that no clock can express is none.
        if let Some(deadline) = Instant::now().checked_add(timeout) {
            self.shared.queue.room().close_by(deadline);
        }
        self.finish(Question::Close, timeout)
    }

    fn finish(&self, ask: fn(Answer) -> Question, timeout: Duration) -> bool {
        let began = Instant::now();
        let left = || timeout.saturating_sub(began.elapsed());
        #[cfg(feature = "spotlight")]
        let copied = self.shared.spotlight.as_ref().map(Pipeline::flush);
        let is_delivered = match self.shared.queue.ask(ask, timeout) {
            Ok(is_done) => is_done,
            Err(RecvTimeoutError::Timeout) => false,
            // The thread has ended. Nothing is left to do if it was closed and nothing has been lost since.
            Err(RecvTimeoutError::Disconnected) => {
                self.shared.queue.room().is_closed() && self.shared.counts.are_reported()
            }
        };
        let is_done = is_delivered && self.flush_client(left());
        #[cfg(feature = "spotlight")]
        if let Some(copied) = copied {
            // The result is ignored, because it does not affect what Sentry gets.
            let _in_time = copied.recv_timeout(left());
        }
        is_done
    }

    /// Flushes the client on a separate thread, because the client may exceed its timeout while its own queue is full. With
    /// too many of these threads, the client is not asked.
    fn flush_client(&self, timeout: Duration) -> bool {
        let (client, counts) = (self.shared.client.clone(), self.shared.counts.clone());
        let (done, finished) = sync_channel(1);
        let flushing = self.shared.flushing.clone();
        // Beside the threads, the sink and this call have one each.
        if Arc::strong_count(&flushing) >= MOST_FLUSHING + 2 {
            return false;
        }
        let flush = move || {
            let is_done =
                counts.panics.catch(|| own_work::run(|| client.flush(Some(timeout)))).unwrap_or(false);
            drop(flushing);
            done.send(is_done)
        };
        thread::Builder::new().name("trace-sentry-flush".to_owned()).spawn(flush).is_ok()
            && finished.recv_timeout(timeout) == Ok(true)
    }
}

impl fmt::Debug for SentrySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySink")
            .field("dsn", &self.shared.client.dsn().map(redacted::dsn))
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

mod receive;
