//! A transport that is not of this crate. The official ones drop raw envelopes that do not fit into their queue, and
//! count only envelopes of their own types, so that they are given no more than they have room for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sentry_core::{Client, Envelope};
use trace_core::CaughtPanics;

use super::{Content, Transport};
use crate::counts::Reason;
use crate::own_work;
use crate::queue::Room;

/// The most envelopes that are handed over before the transport must have taken all of them. The queue of an official one
/// has 30 places, and each envelope of ours takes two.
const MOST_AT_ONCE: u32 = 8;
/// The time for which the client is asked whether its transport has taken everything. Nobody can close it meanwhile. The
/// pauses between questions begin with twice this time.
const PATIENCE: Duration = Duration::from_millis(250);
/// The most questions that may stay unanswered. Each takes a place in the queue, and with a full queue the next one would
/// never return. With pauses that double, the transport has been stuck for eight minutes then.
const MOST_UNANSWERED: u32 = 10;

pub(super) struct Official {
    client: Arc<Client>,
    panics: CaughtPanics,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of envelopes that the transport may not have taken yet.
    unconfirmed: u32,
    /// The number of questions that were not answered in time.
    unanswered: u32,
    /// The time before which there are no more questions.
    next_question: Option<Instant>,
}

impl Official {
    pub(super) fn new(client: Arc<Client>, panics: CaughtPanics) -> Self {
        Self { client, panics, state: Mutex::default() }
    }

    /// Asks whether the transport has taken everything, unless it has to be given time. Returns `None` if it panics.
    fn has_taken_all(&self) -> Option<bool> {
        if self.pause() != Some(Duration::ZERO) {
            return Some(false);
        }
        let has_taken_all = self.panics.catch(|| own_work::run(|| self.client.flush(Some(PATIENCE))))?;
        let mut state = self.lock();
        if has_taken_all {
            *state = State::default();
        } else {
            state.unanswered += 1;
            state.next_question = Some(Instant::now() + PATIENCE * (1 << state.unanswered));
        }
        Some(has_taken_all)
    }

    /// Returns the time until the next question; `None` if there are no more.
    fn pause(&self) -> Option<Duration> {
        let state = self.lock();
        let left = |next: Instant| next.saturating_duration_since(Instant::now());
        (state.unanswered < MOST_UNANSWERED).then(|| state.next_question.map_or(Duration::ZERO, left))
    }

    /// Waits until the transport has taken enough of what it was given.
    fn wait(&self, room: &Room) -> Result<(), Reason> {
        while self.lock().unconfirmed >= MOST_AT_ONCE && self.client.is_enabled() {
            let pause = self.pause().ok_or(Reason::QueueOverflow)?;
            if !room.is_open_after(pause) {
                return Err(Reason::QueueOverflow);
            }
            // A transport that panics cannot be asked.
            if self.has_taken_all().is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Sends raw bytes, which are not parsed, so that they cannot be rejected. Returns whether the client took them. A
    /// disabled client drops them silently, and a transport of the application may panic.
    fn send_raw(&self, bytes: Vec<u8>) -> bool {
        self.lock().unconfirmed += 1;
        // The client adds its own pending report to whatever is sent next, and would lose it with raw bytes: an empty
        // envelope takes it first.
        self.client.is_enabled()
            && Envelope::from_bytes_raw(bytes).is_ok_and(|envelope| {
                let send = || {
                    self.client.send_envelope(Envelope::new());
                    self.client.send_envelope(envelope);
                };
                self.panics.catch(|| own_work::run(send)).is_some()
            })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Official {
    fn wait_for_room(&self, _: Content, room: &Room) -> Result<(), Reason> {
        self.wait(room)
    }

    fn send(&self, bytes: Vec<u8>, _: Content) -> Result<(), Reason> {
        if self.send_raw(bytes) { Ok(()) } else { Err(Reason::InternalSdkError) }
    }

    fn send_report(&self, bytes: Vec<u8>, room: &Room, _: Box<dyn FnOnce() + Send>) -> bool {
        self.wait(room).is_ok() && self.send_raw(bytes)
    }

    fn keeps_up(&self) -> bool {
        self.has_taken_all() == Some(true)
    }
}
