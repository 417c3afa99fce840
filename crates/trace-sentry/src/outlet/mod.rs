//! The way out of the process: through the client, and the transport that it has.

mod official;
#[cfg(feature = "transport")]
mod ours;

use std::sync::Arc;

use sentry_core::{Client, Envelope};
use trace_core::CaughtPanics;

use crate::counts::{Counts, Reason};
use crate::envelope;
use crate::own_work;
use crate::queue::Room;
use official::Official;

/// The way to a client's server.
#[derive(Clone)]
pub(crate) struct Outlet {
    client: Arc<Client>,
    panics: CaughtPanics,
    transport: Arc<dyn Transport>,
}

/// The content of an envelope, by which it is limited and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A transaction with this number of spans below its root.
    Transaction(usize),
    /// This number of streamed spans.
    Spans(usize),
}

/// A transport, as far as it differs whether it is of this crate.
trait Transport: Send + Sync {
    /// Waits until there is room for an envelope with this content, whatever its size.
    ///
    /// # Errors
    ///
    /// Returns the reason of its loss: there was no room until the queue had to end, or its category is limited.
    fn wait_for_room(&self, content: Content, room: &Room) -> Result<(), Reason>;

    /// Takes an envelope.
    ///
    /// # Errors
    ///
    /// Returns the reason of its loss.
    fn send(&self, bytes: Vec<u8>, content: Content) -> Result<(), Reason>;

    /// Takes a client report. Returns whether it did. `put_back` is called if it is lost later, where that is known.
    fn send_report(&self, bytes: Vec<u8>, room: &Room, put_back: Box<dyn FnOnce() + Send>) -> bool;

    /// Returns whether the transport keeps up with what it is given.
    fn keeps_up(&self) -> bool;
}

impl Outlet {
    pub(crate) fn new(client: Arc<Client>, panics: CaughtPanics) -> Self {
        #[cfg(feature = "transport")]
        if let Some(ours) = panics.catch(|| ours::Ours::of(&client)).flatten() {
            return Self { client, panics, transport: Arc::new(ours) };
        }
        let transport = Arc::new(Official::new(client.clone(), panics.clone()));
        Self { client, panics, transport }
    }

    /// Waits until there is room for an envelope with this content, whatever its size.
    ///
    /// # Errors
    ///
    /// Returns the reason of its loss: there was no room until the queue had to end, or its category is limited.
    pub(crate) fn wait_for_room(&self, content: Content, room: &Room) -> Result<(), Reason> {
        self.transport.wait_for_room(content, room)
    }

    /// Hands over an envelope.
    ///
    /// # Errors
    ///
    /// Returns the reason of its loss, if the client does not take it.
    pub(crate) fn send(&self, bytes: Vec<u8>, content: Content) -> Result<(), Reason> {
        self.transport.send(bytes, content)
    }

    /// Reports losses, and lets the client report its own. Losses that cannot be reported are put back. Returns whether
    /// none are left; unsampled transactions are not losses.
    pub(crate) fn report(&self, counts: &Arc<Counts>, room: &Room) -> bool {
        // The client adds its pending report to whatever is sent next. If nothing is, an empty envelope takes it.
        self.panics.catch(|| own_work::run(|| self.client.send_envelope(Envelope::new())));
        let losses = counts.take_losses();
        let Some(bytes) = envelope::of_losses(&losses) else { return true };
        let put_back = {
            let (losses, counts) = (losses.clone(), counts.clone());
            Box::new(move || counts.put_back(losses))
        };
        let is_reported = self.transport.send_report(bytes, room, put_back);
        if !is_reported {
            counts.put_back(losses);
        }
        is_reported || counts.are_reported()
    }

    pub(crate) fn flush_client(&self) {
        self.panics.catch(|| own_work::run(|| self.client.flush(None)));
    }

    /// Returns whether the transport keeps up with what it is given. It may block for a quarter of a second.
    pub(crate) fn keeps_up(&self) -> bool {
        self.transport.keeps_up()
    }
}
