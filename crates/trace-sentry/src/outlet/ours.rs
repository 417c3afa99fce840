//! The transport of this crate, which tells what it takes, and reports what it loses.

use std::sync::Arc;
use std::time::Duration;

use sentry_core::Client;

use super::{Content, Transport};
use crate::counts::Reason;
use crate::queue::Room;
use crate::stream::MAX_ENVELOPE;
use crate::transport::{Category, LARGEST_TRANSACTION, Outbox, Parcel};

/// The longest wait for room before the end of the queue is noticed.
const PATIENCE: Duration = Duration::from_millis(100);

pub(super) struct Ours(Arc<Outbox>);

impl Ours {
    /// Returns the transport of a client, if it is of this crate.
    pub(super) fn of(client: &Client) -> Option<Self> {
        let outbox = Outbox::of(client)?;
        if client.options().debug {
            outbox.tell_failures();
        }
        Some(Self(outbox))
    }
}

impl Transport for Ours {
    fn wait_for_room(&self, content: Content, room: &Room) -> Result<(), Reason> {
        let (category, size) = match content {
            Content::Transaction(_) => (Category::Transaction, LARGEST_TRANSACTION),
            Content::Spans(_) => (Category::Span, MAX_ENVELOPE),
        };
        if self.0.stops(category) {
            return Err(Reason::RatelimitBackoff);
        }
        while !self.0.wait_for_room(size, PATIENCE) {
            if !self.0.is_open() {
                return Err(Reason::InternalSdkError);
            }
            if !room.is_open_after(Duration::ZERO) {
                return Err(Reason::QueueOverflow);
            }
        }
        Ok(())
    }

    fn send(&self, bytes: Vec<u8>, content: Content) -> Result<(), Reason> {
        let parcel = match content {
            Content::Transaction(spans) => Parcel::transaction(bytes, spans),
            Content::Spans(spans) => Parcel::spans(bytes, spans),
        };
        let refusal = |_| if self.0.is_open() { Reason::QueueOverflow } else { Reason::InternalSdkError };
        self.0.offer(parcel).map_err(refusal)
    }

    fn send_report(&self, bytes: Vec<u8>, _: &Room, put_back: Box<dyn FnOnce() + Send>) -> bool {
        self.0.offer(Parcel::report(bytes, put_back)).is_ok()
    }

    fn keeps_up(&self) -> bool {
        self.0.health().is_some_and(|health| !health.is_limited && !health.has_overflowed)
    }
}
