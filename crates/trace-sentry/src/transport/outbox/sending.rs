//! An envelope that has left the queue and is being sent.

use std::sync::Arc;
use std::time::Instant;

use sentry_core::protocol::client_report::Reason;

use super::{Outbox, Ticket};
use crate::transport::parcel::{Losses, Opened, Outcome};

/// A request that takes one of the places for requests. When it is dropped, its outcome is reported, and the place is
/// free.
pub(crate) struct Sending {
    outbox: Arc<Outbox>,
    ticket: Ticket,
    size: usize,
    losses: Vec<Losses>,
    /// A request that is aborted, by a panic or by the end of the thread, does not change it.
    outcome: Outcome,
}

impl Sending {
    /// Takes the next envelope out of the queue, without the items that rate limits stop. Returns `None` if there is
    /// none, or if as many requests are running as may.
    pub(crate) fn next(outbox: &Arc<Outbox>) -> Option<(Vec<u8>, Self)> {
        loop {
            let mut state = outbox.lock().filter(|state| state.requests < outbox.requests)?;
            let entry = state.backlog.pop()?;
            state.requests += 1;
            let now = Instant::now();
            let (ticket, parcel) = entry.value;
            let Opened { body, losses, stopped } = parcel.open(|category| state.limits.stop(category, now));
            drop(state);
            outbox.changed.notify_all();
            outbox.report(stopped, Outcome::Lost(Reason::RatelimitBackoff));
            let outcome = Outcome::Lost(Reason::NetworkError);
            let sending = Self { outbox: outbox.clone(), ticket, size: entry.size, losses, outcome };
            if !body.is_empty() {
                return Some((body, sending));
            }
        }
    }

    pub(crate) fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.outbox.report(std::mem::take(&mut self.losses), self.outcome);
        if let Some(mut state) = self.outbox.lock() {
            state.requests -= 1;
            state.backlog.release(self.size);
        }
        self.outbox.settle(self.ticket);
        self.outbox.work.notify_one();
    }
}
