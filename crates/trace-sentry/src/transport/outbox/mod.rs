//! The queue between the senders and the thread that speaks HTTP: accepted envelopes, until the fate of each is known.

mod backlog;
mod health;
mod sending;
mod waiting;

use std::collections::{BTreeSet, VecDeque};
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sentry_core::Envelope;
use sentry_core::client_report::Recorder;
use sentry_core::protocol::client_report::Reason;
use tokio::sync::Notify;

use super::limits::{Limit, Priority, RateLimits};
use super::parcel::{Losses, Outcome, Parcel};
use backlog::{Backlog, Entry};

pub(super) use backlog::Bounds;
pub(super) use sending::Sending;
pub(super) use waiting::Ending;

/// The number of envelopes that wait to be written by the thread, which takes only as long as it gets no time. What comes
/// then is written by its sender, so that there is a bound, and everything has its priority.
const UNWRITTEN: usize = 100;

/// The size of the largest transaction: an item of 1 MiB, which is all that Sentry accepts, in a vector that has doubled.
pub(crate) const LARGEST_TRANSACTION: usize = 2 * 1024 * 1024;

/// The queue. Each accepted envelope is delivered, refused by the server, or reported as lost.
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// Wakes the threads that wait until something is settled, or for room.
    changed: Condvar,
    /// Wakes the thread that sends.
    work: Notify,
    recorder: Recorder,
    /// The maximum number of requests at a time.
    requests: usize,
    /// The process whose thread sends. A fork has a copy of the queue, and no thread.
    process: u32,
}

struct State {
    /// The envelopes that the client sent and the thread has not written yet.
    unwritten: VecDeque<(Ticket, Unwritten)>,
    backlog: Backlog<(Ticket, Parcel)>,
    /// The number of requests that are running.
    requests: usize,
    /// The envelopes whose fate is not known.
    unsettled: BTreeSet<Ticket>,
    next: Ticket,
    phase: Phase,
    limits: RateLimits,
    has_overflowed: bool,
    failure: Option<String>,
    /// The failures that were printed, if the client's option says so.
    told: Option<BTreeSet<String>>,
}

/// An envelope of the client that is not written yet.
pub(super) struct Unwritten {
    pub(super) envelope: Envelope,
    /// The `trace` header that it gets, as JSON.
    pub(super) trace: Option<String>,
}

impl From<Envelope> for Unwritten {
    fn from(envelope: Envelope) -> Self {
        Self { envelope, trace: None }
    }
}

/// The number of an accepted envelope, in the order of acceptance.
type Ticket = u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing more is accepted, and the rest is sent until then.
    Closing(Option<Instant>),
    Ended {
        is_complete: bool,
    },
}

impl Outbox {
    pub(super) fn new(recorder: Recorder, bounds: Bounds, requests: usize) -> Arc<Self> {
        let state = State {
            unwritten: VecDeque::new(),
            backlog: Backlog::new(bounds),
            requests: 0,
            unsettled: BTreeSet::new(),
            next: 0,
            phase: Phase::Open,
            limits: RateLimits::default(),
            has_overflowed: false,
            failure: None,
            told: None,
        };
        Arc::new(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            work: Notify::new(),
            recorder,
            requests,
            process: process::id(),
        })
    }

    /// Accepts an envelope of the client, or reports it as lost.
    pub(super) fn send(&self, envelope: impl Into<Unwritten>) {
        let envelope = envelope.into();
        let Some(mut state) = self.lock_open() else {
            return self.lose(&envelope.envelope);
        };
        let ticket = state.accept();
        if state.unwritten.len() < UNWRITTEN {
            state.unwritten.push_back((ticket, envelope));
        } else {
            drop(state);
            self.write(ticket, &envelope);
        }
        self.work.notify_one();
    }

    /// Accepts a parcel if there is room for it, perhaps in place of others with a lower priority.
    pub(crate) fn offer(&self, parcel: Parcel) -> Result<(), Parcel> {
        let Some(mut state) = self.lock_open() else { return Err(parcel) };
        let (priority, size, ticket) = (parcel.priority(), parcel.size(), state.next);
        match state.backlog.offer(priority, Entry { value: (ticket, parcel), size }) {
            Ok(dropped) => {
                state.accept();
                state.has_overflowed |= !dropped.is_empty();
                drop(state);
                self.work.notify_one();
                self.discard(dropped);
                Ok(())
            }
            Err(Entry { value: (_, parcel), .. }) => {
                state.has_overflowed = true;
                Err(parcel)
            }
        }
    }

    /// Writes the next envelope of the client. Returns whether there was one.
    pub(super) fn write_next(&self) -> bool {
        let unwritten = self.lock().and_then(|mut state| state.unwritten.pop_front());
        unwritten.map(|(ticket, envelope)| self.write(ticket, &envelope)).is_some()
    }

    fn write(&self, ticket: Ticket, Unwritten { envelope, trace }: &Unwritten) {
        match Parcel::write(envelope, trace.as_deref()) {
            Ok(parcel) => self.push(ticket, parcel),
            Err(losses) => {
                losses.report(Outcome::Lost(Reason::InternalSdkError), &self.recorder);
                self.settle(ticket);
            }
        }
    }

    fn push(&self, ticket: Ticket, parcel: Parcel) {
        let (priority, size) = (parcel.priority(), parcel.size());
        let entry = Entry { value: (ticket, parcel), size };
        let dropped = self.lock().map(|mut state| {
            if state.has_ended() {
                return vec![entry];
            }
            let dropped = state.backlog.push(priority, entry);
            state.has_overflowed |= !dropped.is_empty();
            dropped
        });
        self.discard(dropped.into_iter().flatten());
    }

    pub(super) fn add_limits(&self, limits: &[Limit]) {
        if let Some(mut state) = self.lock() {
            state.limits.add(limits, Instant::now());
        }
    }

    /// Ends the queue when the thread ends. What remains is lost.
    pub(super) fn end(&self) {
        if let Some(mut state) = self.lock().filter(|state| !state.has_ended()) {
            state.phase = Phase::Ended { is_complete: false };
        }
        // Only what is written can be counted.
        while self.write_next() {}
        let waiting = self.lock().map(|mut state| state.backlog.drain());
        self.discard(waiting.into_iter().flatten());
        self.changed.notify_all();
    }

    /// Reports entries that were dropped because there was no room or no time for them.
    fn discard(&self, dropped: impl IntoIterator<Item = Entry<(Ticket, Parcel)>>) {
        for Entry { value: (ticket, parcel), .. } in dropped {
            self.report(parcel.into_losses(), Outcome::Lost(Reason::QueueOverflow));
            self.settle(ticket);
        }
    }

    /// Reports an envelope that is not accepted.
    fn lose(&self, envelope: &Envelope) {
        let losses = Parcel::write(envelope, None).map(|parcel| parcel.into_losses().collect());
        self.report(losses.unwrap_or_else(|losses| vec![losses]), Outcome::Lost(Reason::InternalSdkError));
    }

    fn report(&self, losses: impl IntoIterator<Item = Losses>, outcome: Outcome) {
        losses.into_iter().for_each(|losses| losses.report(outcome, &self.recorder));
    }

    /// Notes that the fate of an envelope is known and reported.
    fn settle(&self, ticket: Ticket) {
        if let Some(mut state) = self.lock() {
            state.unsettled.remove(&ticket);
            self.changed.notify_all();
        }
    }

    /// Returns the state as long as it accepts something.
    fn lock_open(&self) -> Option<MutexGuard<'_, State>> {
        self.lock().filter(|state| state.phase == Phase::Open)
    }

    /// Returns the state, or `None` in a fork, where a thread that does not exist may hold the lock.
    fn lock(&self) -> Option<MutexGuard<'_, State>> {
        (process::id() == self.process).then(|| self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn accept(&mut self) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.unsettled.insert(ticket);
        ticket
    }

    fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended { .. })
    }

    /// Returns whether there is room for a transaction or for spans of this size.
    fn has_room(&self, size: usize) -> bool {
        self.backlog.has_room(Priority::Normal, size)
    }
}

#[cfg(test)]
mod tests;
