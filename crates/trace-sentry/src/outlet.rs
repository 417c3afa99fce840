//! The way out of the process: through the client and whatever transport it has.

use std::sync::Arc;
use std::time::Duration;

use sentry_core::{Client, Envelope};
use trace_core::CaughtPanics;

use crate::counts::Reason;
use crate::queue::Room;

/// The most envelopes that are handed to an official transport before it must have taken all of them. Its queue has 30
/// places, drops what does not fit, and counts only envelopes of its own types. Each of ours takes two places.
const MOST_AT_ONCE: u32 = 8;
/// The time for which the client is asked whether it has sent everything, and the first pause before it is asked again.
/// While it is asked, nobody can close it.
const PATIENCE: Duration = Duration::from_millis(250);
/// The most questions that a transport may leave unanswered, since each takes a place in its queue, and with a full queue
/// the next one would never return. With pauses that double, it has been stuck for eight minutes then.
const MOST_UNANSWERED: u32 = 10;

pub(crate) struct Outlet {
    client: Arc<Client>,
    room: Arc<Room>,
    panics: CaughtPanics,
    /// The number of envelopes that the transport may not have taken yet.
    unconfirmed: u32,
    /// The number of questions that the transport has not answered.
    unanswered: u32,
}

impl Outlet {
    pub(crate) fn new(client: Arc<Client>, room: Arc<Room>, panics: CaughtPanics) -> Self {
        Self { client, room, panics, unconfirmed: 0, unanswered: 0 }
    }

    /// Hands over the envelope of a transaction, once there is room for it.
    ///
    /// # Errors
    ///
    /// Returns the reason of its loss: there was no room until the queue had to be closed, or the client did not take it.
    pub(crate) fn send_transaction(&mut self, bytes: Vec<u8>) -> Result<(), Reason> {
        if !self.waits_for_room() {
            return Err(Reason::QueueOverflow);
        }
        if self.send(bytes) { Ok(()) } else { Err(Reason::InternalSdkError) }
    }

    /// Hands over a client report. Returns whether the client took it.
    pub(crate) fn send_report(&mut self, bytes: Vec<u8>) -> bool {
        self.waits_for_room() && self.send(bytes)
    }

    pub(crate) fn flush_client(&self) {
        self.panics.catch(|| self.client.flush(None));
    }

    /// Sends raw bytes. A disabled client drops them silently. The transport belongs to the application and may panic.
    fn send(&mut self, bytes: Vec<u8>) -> bool {
        self.unconfirmed += 1;
        // Raw bytes are not parsed, so that they cannot be rejected. But the client adds its own pending report to whatever
        // is sent next, and would lose it with raw bytes: an empty envelope takes it first.
        self.client.is_enabled()
            && Envelope::from_bytes_raw(bytes).is_ok_and(|envelope| {
                let send = || {
                    self.client.send_envelope(Envelope::new());
                    self.client.send_envelope(envelope);
                };
                self.panics.catch(send).is_some()
            })
    }

    /// Waits until the transport has taken everything, if much was handed over. Returns whether it did before the queue
    /// has to be closed.
    fn waits_for_room(&mut self) -> bool {
        while self.unconfirmed >= MOST_AT_ONCE && self.client.is_enabled() {
            let pause = if self.unanswered == 0 { Duration::ZERO } else { PATIENCE * (1 << self.unanswered) };
            if self.unanswered == MOST_UNANSWERED || !self.room.is_open_after(pause) {
                return false;
            }
            if self.panics.catch(|| self.client.flush(Some(PATIENCE))) == Some(false) {
                self.unanswered += 1;
            } else {
                (self.unconfirmed, self.unanswered) = (0, 0);
            }
        }
        true
    }
}
