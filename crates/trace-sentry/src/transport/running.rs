//! The running transport, as the client sees it, and the way to it for the sink, which only sees the client.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sentry_core::protocol::EnvelopeItem;
use sentry_core::{Client, Envelope};

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
    Client,
    Answered(Arc<Outbox>),
}

/// The transport of one client.
pub(super) struct Running {
    outbox: Arc<Outbox>,
    /// The key of the DSN.
    public_key: String,
    /// The time for what remains when the client is dropped without a close.
    timeout: Duration,
}

impl Running {
    pub(super) fn new(outbox: Arc<Outbox>, public_key: String, timeout: Duration) -> Self {
        EXISTS.store(true, Ordering::Relaxed);
        Self { outbox, public_key, timeout }
    }
}

impl sentry_core::Transport for Running {
    fn send_envelope(&self, envelope: Envelope) {
        // A thread that is ending has no variables any more, and asks nobody.
        let _ending = ASKED.try_with(|asked| {
            let mut asked = asked.borrow_mut();
            if let Asked::Client = *asked {
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
    /// Returns the outbox of the client's transport, or `None` if the transport is another or the client is closed.
    ///
    /// The client gives its transport to nobody, but an empty envelope reaches the transport on this thread. It sends
    /// only what the client has to report.
    pub(crate) fn of(client: &Client) -> Option<Arc<Self>> {
        if !EXISTS.load(Ordering::Relaxed) {
            return None;
        }
        ASKED.set(Asked::Client);
        client.send_envelope(Envelope::new());
        match ASKED.replace(Asked::Nobody) {
            Asked::Answered(outbox) => Some(outbox),
            Asked::Nobody | Asked::Client => None,
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
