//! From a request to the bytes of its envelope: with the official client by a transport that writes at once, with us by the
//! thread that delivers.

use std::sync::Arc;

use sentry_core::{Client, ClientOptions, Envelope, Transport};

use crate::case::Case;
use crate::inputs::{DSN, RELEASE};
use crate::recorded::{await_envelopes, envelopes, keep_envelope};

/// After how many operations the envelopes are waited for. Our queue has room for twice as many.
const BATCH: usize = 50;

struct Writing;

impl Transport for Writing {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes).expect("an envelope can be written");
        // Empty ones only ask the client for its reports.
        if bytes != b"{}\n" {
            keep_envelope(bytes);
        }
    }
}

/// A client that records everything and writes it.
pub(super) fn client() -> Arc<Client> {
    let transport = |_: &ClientOptions| Arc::new(Writing) as Arc<dyn Transport>;
    let options = ClientOptions::new().dsn(DSN).release(RELEASE).traces_sample_rate(1.0).transport(transport);
    Arc::new(Client::from(options))
}

/// Work that makes so many envelopes each time.
pub(super) fn awaited(mut work: impl FnMut() + 'static, each: usize) -> Case {
    let (mut expected, mut done) = (envelopes(), 0_usize);
    Case::new(move || {
        work();
        expected += each;
        done += 1;
        if done.is_multiple_of(BATCH) {
            await_envelopes(expected);
        }
    })
}

/// Drops the last envelope, which would count as memory that is held.
pub(super) fn forget() {
    keep_envelope(Vec::new());
}
