//! Clients with the transport, what they send, and the sum of what became of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use sentry::protocol::{Envelope, Event};
use sentry::{Client, ClientOptions, TransportFactory, TransportOptions};
use serde_json::Value;
use trace_sentry::Transport;

use crate::server::{Mood, Request, Server};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An envelope of bytes, as the sink writes them: a transaction with spans.
pub(crate) fn transaction(spans: usize) -> Envelope {
    let span = r#"{"span_id":"b72fa28504b07285","trace_id":"771a43a4192642f0b136d5159a501700","op":"db.query","description":"SELECT * FROM orders WHERE id = ?","start_timestamp":1769500000.25,"timestamp":1769500000.5,"status":"ok","origin":"manual","data":{"db.system":"postgresql","server.address":"db.internal","server.port":5432}}"#;
    let spans = vec![span; spans].join(",");
    let item = format!(
        r#"{{"type":"transaction","event_id":"9ec79c33ec9942ab8353589fcb2e04dc","transaction":"GET /orders/{{id}}","transaction_info":{{"source":"route"}},"spans":[{spans}]}}"#
    );
    let header = r#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","sent_at":"2026-02-07T14:16:00Z","trace":{"trace_id":"771a43a4192642f0b136d5159a501700","public_key":"public"}}"#;
    let length = item.len();
    let bytes = format!("{header}\n{{\"type\":\"transaction\",\"length\":{length}}}\n{item}\n");
    Envelope::from_bytes_raw(bytes.into_bytes()).unwrap()
}

pub(crate) fn error() -> Envelope {
    Envelope::from(Event { message: Some("it broke".to_owned()), ..Event::default() })
}

pub(crate) fn bytes(envelope: &Envelope) -> Vec<u8> {
    let mut bytes = Vec::new();
    envelope.to_writer(&mut bytes).unwrap();
    bytes
}

/// Numbers by category.
pub(crate) type Counts = BTreeMap<String, u64>;

/// The end of everything that was sent, as the server knows it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Account {
    pub(crate) accepted: Counts,
    pub(crate) refused: Counts,
    /// By reason and category.
    pub(crate) reported: Counts,
}

impl Account {
    /// Lets the server accept everything and the client report its losses, and returns what has become of everything.
    pub(crate) fn settle(server: &Server, client: &Tapped) -> Self {
        server.set_mood(Mood::Quick);
        client.flush();
        client.client.send_envelope(Envelope::new());
        client.flush();
        let (accepted, refused) = (server.accepted(), server.refused());
        let mut reported = Counts::new();
        for (kind, item) in accepted.iter().flat_map(Request::items) {
            if kind == "client_report" {
                losses(&item).into_iter().for_each(|(pair, lost)| *reported.entry(pair).or_default() += lost);
            }
        }
        Self { accepted: counted(&accepted), refused: counted(&refused), reported }
    }

    /// Returns the sum of everything, by category.
    pub(crate) fn total(&self) -> Counts {
        let mut total = self.accepted.clone();
        for (category, quantity) in &self.refused {
            *total.entry(category.clone()).or_default() += quantity;
        }
        for (pair, quantity) in &self.reported {
            *total.entry(pair.split_once(' ').unwrap().1.to_owned()).or_default() += quantity;
        }
        total
    }

    /// Returns the reasons of all losses.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        let mut reasons: Vec<_> = self.reported.keys().map(|pair| pair.split_once(' ').unwrap().0).collect();
        reasons.dedup();
        reasons
    }
}

pub(crate) fn counts(pairs: &[(&str, u64)]) -> Counts {
    pairs.iter().map(|(name, quantity)| ((*name).to_owned(), *quantity)).collect()
}

fn counted(requests: &[Request]) -> Counts {
    let mut counts = Counts::new();
    let mut add = |category: &str, quantity| *counts.entry(category.to_owned()).or_default() += quantity;
    for (kind, item) in requests.iter().flat_map(Request::items) {
        match &*kind {
            "event" => add("error", 1),
            "transaction" => {
                add("transaction", 1);
                add("span", item["spans"].as_array().map_or(0, Vec::len) as u64 + 1);
            }
            "check_in" => add("monitor", 1),
            "client_report" => {}
            other => add(other, 1),
        }
    }
    counts
}

/// A client, with its transport, and with counters of losses that can be read although nothing arrives, or although the
/// transport is closed.
pub(crate) struct Tapped {
    pub(crate) client: Client,
    pub(crate) transport: Arc<dyn sentry::Transport>,
    tap: Arc<Tap>,
}

#[derive(Default)]
struct Tap {
    inner: OnceLock<Arc<dyn sentry::Transport>>,
    is_open: AtomicBool,
    report: Mutex<Option<Envelope>>,
}

struct TapFactory(Transport, Arc<Tap>);

pub(crate) fn client(server: &Server, transport: Transport) -> Tapped {
    Tapped::new(ClientOptions::new().dsn(&server.dsn()), transport)
}

impl Tapped {
    pub(crate) fn new(options: ClientOptions, transport: Transport) -> Self {
        let tap = Arc::new(Tap::default());
        let client = Client::from_config(options.transport(TapFactory(transport, tap.clone())));
        Self { client, transport: tap.inner.get().unwrap().clone(), tap }
    }

    /// Sends an envelope as the sink does: the client would destroy its own report if it met raw bytes.
    pub(crate) fn send(&self, envelope: Envelope) {
        self.transport.send_envelope(envelope);
    }

    #[track_caller]
    pub(crate) fn flush(&self) {
        assert!(self.client.flush(Some(PATIENCE)));
    }

    pub(crate) fn losses(&self) -> Counts {
        self.tap.is_open.store(true, Ordering::SeqCst);
        self.client.send_envelope(Envelope::new());
        let report = self.tap.report.lock().unwrap().take().map(|report| bytes(&report));
        let report = report.as_ref().and_then(|bytes| bytes.split(|byte| *byte == b'\n').nth(2));
        report.map_or_else(Counts::new, |report| losses(&serde_json::from_slice(report).unwrap_or_default()))
    }
}

impl TransportFactory for TapFactory {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn sentry::Transport> {
        let Self(transport, tap) = self;
        tap.inner.get_or_init(|| transport.create_transport_with_options(options));
        Arc::new(Tapping(tap.clone()))
    }
}

struct Tapping(Arc<Tap>);

impl sentry::Transport for Tapping {
    fn send_envelope(&self, envelope: Envelope) {
        let Self(tap) = self;
        if tap.is_open.load(Ordering::SeqCst) {
            *tap.report.lock().unwrap() = Some(envelope);
        } else {
            tap.inner.get().unwrap().send_envelope(envelope);
        }
    }

    fn flush(&self, timeout: Duration) -> bool {
        self.0.inner.get().unwrap().flush(timeout)
    }
}

/// Returns the losses of a client report, by reason and category.
fn losses(report: &Value) -> Counts {
    let mut counts = Counts::new();
    for loss in report["discarded_events"].as_array().into_iter().flatten() {
        let pair = format!("{} {}", loss["reason"].as_str().unwrap(), loss["category"].as_str().unwrap());
        *counts.entry(pair).or_default() += loss["quantity"].as_u64().unwrap();
    }
    counts
}
