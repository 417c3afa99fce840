//! The running transport, as the client sees it, and the way to it for the sink, which only sees the client.

use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sentry_core::protocol::EnvelopeItem;
use sentry_core::{Client, Envelope, TransportFactory};

use super::outbox::{Outbox, Unwritten};
use super::trace;
use crate::coexistence;

/// Set once this process has had a transport of this crate. Without one, no client is asked for it.
static EXISTS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The outbox of a client that is being asked on this thread.
    static ASKED: RefCell<Asked> = const { RefCell::new(Asked::Nobody) };
}

enum Asked {
    Nobody,
    /// The client whose transport this factory has made.
    ClientOf(Made),
    Answered(Arc<Outbox>),
}

/// The factory that made a transport, which is that of the client unless a transport of the application is round ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    address: usize,
    size: usize,
}

impl Made {
    pub(super) fn by<F: TransportFactory + ?Sized>(factory: &F) -> Self {
        Self { address: ptr::from_ref(factory).cast::<()>().addr(), size: size_of_val(factory) }
    }
}

/// The transport of one client.
pub(super) struct Running {
    outbox: Arc<Outbox>,
    made: Made,
    /// The key of the DSN.
    public_key: String,
    /// The time for what remains when the client is dropped without a close.
    timeout: Duration,
}

impl Running {
    pub(super) fn new(outbox: Arc<Outbox>, made: Made, public_key: String, timeout: Duration) -> Self {
        EXISTS.store(true, Ordering::Relaxed);
        Self { outbox, made, public_key, timeout }
    }
}

impl sentry_core::Transport for Running {
    fn send_envelope(&self, envelope: Envelope) {
        // A thread that is ending has no variables any more, and asks nobody.
        let _ending = ASKED.try_with(|asked| {
            let mut asked = asked.borrow_mut();
            if matches!(*asked, Asked::ClientOf(made) if made == self.made) {
                *asked = Asked::Answered(self.outbox.clone());
            }
        });
        envelope.items().for_each(|item| {
            if let EnvelopeItem::Transaction(transaction) = item {
                coexistence::look_at_sent(transaction);
            }
        });
        let trace = trace::header(&envelope, &self.public_key);
        self.outbox.send(Unwritten { envelope, trace });
    }

    fn flush(&self, timeout: Duration) -> bool {
        self.outbox.flush(timeout)
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        self.outbox.close(timeout);
        self.outbox.wait_for_end(timeout)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.outbox.close(self.timeout);
    }
}

impl Outbox {
    /// Returns the outbox of the client's transport, or `None` if the transport is another or the client is closed. One that
    /// passes envelopes on to ours is another: it is to see all of them.
    ///
    /// The client gives its transport to nobody, but an empty envelope reaches the transport on this thread. It sends
    /// only what the client has to report.
    pub(crate) fn of(client: &Client) -> Option<Arc<Self>> {
        if !EXISTS.load(Ordering::Relaxed) {
            return None;
        }
        ASKED.set(Asked::ClientOf(Made::by(&**client.options().transport.as_ref()?)));
        client.send_envelope(Envelope::new());
        match ASKED.replace(Asked::Nobody) {
            Asked::Answered(outbox) => Some(outbox),
            Asked::Nobody | Asked::ClientOf(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use sentry_core::{Client, ClientOptions};

    use super::super::ledger::{Ledger, losses};
    use super::super::parcel::Parcel;
    use super::Outbox;
    use crate::Transport;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn client(options: ClientOptions) -> Client {
        Client::from_config(options.dsn("http://public@nowhere.invalid/42").transport(Transport::new()))
    }

    #[test]
    fn a_client_is_asked_for_its_outbox() {
        let clients = [(); 2].map(|()| client(ClientOptions::new()));
        let outboxes = clients.each_ref().map(|client| Outbox::of(client).unwrap());
        assert!(!Arc::ptr_eq(&outboxes[0], &outboxes[1]));
        assert!(Arc::ptr_eq(&outboxes[1], &Outbox::of(&clients[1]).unwrap()));
        clients[1].close(None);
        assert!(Outbox::of(&clients[1]).is_none());
        // Another transport gets an empty envelope, which it does not send.
        let other = Ledger::new();
        assert!(Outbox::of(&other.client).is_none());
        assert_eq!(other.take(), losses(&[]));
    }

    #[test]
    fn what_is_offered_is_sent_and_its_failure_shown_without_secrets() {
        let client = client(ClientOptions::new());
        let outbox = Outbox::of(&client).unwrap();
        outbox.offer(Parcel::transaction(b"{}\n{\"type\":\"transaction\"}\n{}\n".to_vec(), 0)).unwrap();
        assert!(outbox.flush(PATIENCE));
        let failure = outbox.health().unwrap().failure.unwrap();
        assert!(failure.contains("dns") && !failure.contains("public"), "{failure}");
    }

    #[test]
    fn a_transport_that_cannot_start_accepts_nothing() {
        let client = client(ClientOptions::new().http_proxy("http://user:s3cret@"));
        let outbox = Outbox::of(&client).unwrap();
        assert!(outbox.offer(Parcel::transaction(Vec::new(), 0)).is_err());
        let failure = outbox.health().unwrap().failure.unwrap();
        assert!(failure.contains("host") && !failure.contains("s3cret"), "{failure}");
    }
}
