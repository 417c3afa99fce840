//! A client for tests, whose counters of losses can be read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sentry_core::client_report::Recorder;
use sentry_core::{Client, ClientOptions, Envelope, Transport, TransportFactory, TransportOptions};
use serde_json::Value;

/// The losses by reason and category.
pub(super) type Losses = BTreeMap<(String, String), u64>;

pub(super) struct Ledger {
    pub(super) client: Client,
    tap: Tap,
}

#[derive(Clone, Default)]
struct Tap(Arc<Mutex<(Recorder, Vec<Envelope>)>>);

impl TransportFactory for Tap {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        self.0.lock().unwrap().0 = options.client_report_recorder;
        Arc::new(self.clone())
    }
}

impl Transport for Tap {
    fn send_envelope(&self, envelope: Envelope) {
        self.0.lock().unwrap().1.push(envelope);
    }
}

impl Ledger {
    pub(super) fn new() -> Self {
        let tap = Tap::default();
        let options = ClientOptions::new().dsn("http://public@localhost/42").transport(tap.clone());
        Self { client: Client::from_config(options), tap }
    }

    pub(super) fn recorder(&self) -> Recorder {
        self.tap.0.lock().unwrap().0.clone()
    }

    /// Returns the losses since the last call.
    pub(super) fn take(&self) -> Losses {
        self.client.send_envelope(Envelope::new());
        let sent = std::mem::take(&mut self.tap.0.lock().unwrap().1);
        let mut losses = Losses::new();
        for envelope in sent {
            let mut bytes = Vec::new();
            envelope.to_writer(&mut bytes).unwrap();
            let report = bytes.split(|byte| *byte == b'\n').nth(2).map(serde_json::from_slice::<Value>);
            for loss in
                report.iter().flatten().flat_map(|report| report["discarded_events"].as_array().unwrap())
            {
                let text = |name: &str| loss[name].as_str().unwrap().to_owned();
                *losses.entry((text("reason"), text("category"))).or_default() +=
                    loss["quantity"].as_u64().unwrap();
            }
        }
        losses
    }
}

/// Returns losses from pairs such as `("queue_overflow transaction", 1)`.
pub(super) fn losses(pairs: &[(&str, u64)]) -> Losses {
    let split =
        |pair: &str| pair.split_once(' ').map(|(reason, category)| (reason.to_owned(), category.to_owned()));
    pairs.iter().map(|(pair, quantity)| (split(pair).unwrap(), *quantity)).collect()
}
