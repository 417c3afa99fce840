//! The check whether transactions can be delivered, and the factor by which fewer are recorded if not.
//!
//! Source: Sentry's Backpressure Management document.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use trace_core::{CaughtPanics, Downsampling};

use crate::outlet::Outlet;
use crate::queue::Room;

/// The interval between two checks.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10);
/// The maximum number of times that a rate is halved.
const MAX_FACTOR: u32 = 10;

/// A condition of the application under which it is unhealthy.
pub(crate) type Unhealthy = dyn Fn() -> bool + Send + Sync;

/// The factor by which the tracer lowers its rates, which a thread updates as long as this value exists.
pub(crate) struct Backpressure {
    factor: Downsampling,
    _alive: Sender<()>,
}

impl Backpressure {
    pub(crate) fn watch(
        outlet: Outlet,
        room: Arc<Room>,
        unhealthy: Option<Arc<Unhealthy>>,
        interval: Duration,
        panics: CaughtPanics,
    ) -> std::io::Result<Self> {
        let (alive, until) = channel();
        let factor = Downsampling::default();
        let watched = factor.clone();
        let health = Health { outlet, room, unhealthy, panics };
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
    outlet: Outlet,
    room: Arc<Room>,
    unhealthy: Option<Arc<Unhealthy>>,
    panics: CaughtPanics,
}

impl Health {
    fn is_well(&self) -> bool {
        let overflowed = self.room.has_overflowed();
        let is_behind = !self.outlet.keeps_up();
        let is_limited =
            self.unhealthy.as_ref().and_then(|unhealthy| self.panics.catch(|| unhealthy())).unwrap_or(false);
        !(overflowed || is_behind || is_limited)
    }
}

#[cfg(test)]
mod tests;
