//! The check whether transactions can be delivered, and the factor by which fewer are recorded if not.
//!
//! Source: Sentry's Backpressure Management document.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use sentry_core::Client;
use trace_core::{CaughtPanics, Downsampling};

use crate::queue::Room;

/// The interval between two checks.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);
/// The maximum number of times that a rate is halved.
const MAX_FACTOR: u32 = 10;
/// A timeout that never expires in practice, so that the client's queue holds only one request to flush.
const FOREVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A condition of the application under which it is unhealthy.
pub(crate) type Unhealthy = dyn Fn() -> bool + Send + Sync;

/// The factor by which the tracer lowers its rates, which a thread updates as long as this value exists.
pub(crate) struct Backpressure {
    factor: Downsampling,
    _alive: Sender<()>,
}

impl Backpressure {
    pub(crate) fn watch(
        client: Arc<Client>,
        room: Arc<Room>,
        unhealthy: Option<Arc<Unhealthy>>,
        interval: Duration,
        panics: CaughtPanics,
    ) -> std::io::Result<Self> {
        let (alive, until) = channel();
        let factor = Downsampling::default();
        let watched = factor.clone();
        let mut health = Health { client, room, unhealthy, flush: None, panics };
        thread::Builder::new().name("trace-sentry-health".to_owned()).spawn(move || {
            while until.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                watched.set_factor(next(watched.factor(), health.is_well()));
            }
        })?;
        Ok(Self { factor, _alive: alive })
    }

    pub(crate) fn factor(&self) -> &Downsampling {
        &self.factor
    }
}

/// Returns the next factor: one more after a bad check, and zero after a good one.
fn next(factor: u32, is_well: bool) -> u32 {
    if is_well { 0 } else { (factor + 1).min(MAX_FACTOR) }
}

struct Health {
    client: Arc<Client>,
    room: Arc<Room>,
    unhealthy: Option<Arc<Unhealthy>>,
    /// Receives a message once the client has sent everything that it had when it was asked. It is disconnected without
    /// a message if the client panicked.
    flush: Option<Receiver<()>>,
    panics: CaughtPanics,
}

impl Health {
    fn is_well(&mut self) -> bool {
        let overflowed = self.room.has_overflowed();
        let is_stuck = self.is_client_stuck();
        let is_limited =
            self.unhealthy.as_ref().and_then(|unhealthy| self.panics.catch(|| unhealthy())).unwrap_or(false);
        !(overflowed || is_stuck || is_limited)
    }

    /// Returns whether the client has not emptied its queue since the last check, or panicked. Asks it again, unless it
    /// is still busy.
    fn is_client_stuck(&mut self) -> bool {
        let last = self.flush.as_ref().map(Receiver::try_recv);
        if last == Some(Err(TryRecvError::Empty)) {
            return true;
        }
        let (done, flush) = channel();
        let (client, panics) = (self.client.clone(), self.panics.clone());
        let ask = move || {
            if panics.catch(|| client.flush(Some(FOREVER))).is_some() {
                let _ended = done.send(());
            }
        };
        let thread = thread::Builder::new().name("trace-sentry-flush".to_owned()).spawn(ask);
        self.flush = thread.is_ok().then_some(flush);
        last == Some(Err(TryRecvError::Disconnected))
    }
}

#[cfg(test)]
mod tests;
