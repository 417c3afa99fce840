//! The queue without its thread.

mod fates;
mod waits;

use std::sync::Arc;
use std::time::Duration;

use sentry_core::Envelope;
use sentry_core::protocol::Event;

use super::{Bounds, Outbox};
use crate::transport::ledger::Ledger;
use crate::transport::parcel::Parcel;

const NOW: Duration = Duration::ZERO;

/// A queue for two envelopes and one request.
fn outbox(ledger: &Ledger) -> Arc<Outbox> {
    Outbox::new(ledger.recorder(), Bounds { entries: 2, bytes: 10 * 1024 * 1024 }, 1)
}

fn event() -> Envelope {
    Envelope::from(Event::default())
}

fn transaction() -> Parcel {
    Parcel::transaction(b"{}\n{\"type\":\"transaction\"}\n{}".to_vec(), 2)
}

/// Writes everything that was sent, as the thread does.
fn write(outbox: &Outbox) {
    while outbox.write_next() {}
}
