//! The payload of a transaction, as Sentry reads it.
//!
//! Source: Sentry's Transaction Payloads. It is written from the record alone, without the official crate's types,
//! which have no `transaction_info`, and no `origin` and no `links` of a span.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use trace_core::{FinishedTransaction, Measurement};

use crate::client_options::Identity;
use crate::span_payload::{MAX_TAG, MAX_TEXT, Span, cut, tags};

#[derive(Serialize)]
pub(crate) struct Payload<'a> {
    r#type: &'static str,
    event_id: &'a str,
    platform: &'static str,
    transaction: Cow<'a, str>,
    transaction_info: TransactionInfo,
    start_timestamp: f64,
    timestamp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
    environment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    contexts: Contexts<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    measurements: BTreeMap<Cow<'a, str>, Measured<'a>>,
    sdk: &'a Sdk,
    spans: Vec<Span<'a>>,
}

#[derive(Serialize)]
struct Measured<'a> {
    value: f64,
    unit: Cow<'a, str>,
}

#[derive(Serialize)]
struct TransactionInfo {
    source: &'static str,
}

#[derive(Serialize)]
struct Contexts<'a> {
    trace: Span<'a>,
}

/// The SDK in the envelope and the payload. Relay knows it by the name of the official one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sdk {
    name: &'static str,
    version: &'static str,
    packages: [Package; 1],
}

#[derive(Debug, Clone, Serialize)]
struct Package {
    name: &'static str,
    version: &'static str,
}

impl Sdk {
    pub(crate) const OURS: Self = Self {
        name: "sentry.rust",
        version: env!("CARGO_PKG_VERSION"),
        packages: [Package { name: "cargo:trace-sentry", version: env!("CARGO_PKG_VERSION") }],
    };
}

impl<'a> Payload<'a> {
    pub(crate) fn new(
        transaction: &'a FinishedTransaction,
        event_id: &'a str,
        identity: &'a Identity,
        sdk: &'a Sdk,
    ) -> Self {
        let FinishedTransaction { trace_id, name, root, spans, measurements, .. } = transaction;
        let measured = |measurement: &'a Measurement| {
            let Measurement { name, value, unit, .. } = measurement;
            (cut(name, MAX_TAG), Measured { value: *value, unit: cut(unit, MAX_TAG) })
        };
        let Identity { release, environment, server_name, .. } = identity;
        Self {
            r#type: "transaction",
            event_id,
            platform: "native",
            transaction: match name.as_str() {
                "" => "<unlabeled transaction>".into(),
                name => cut(name, MAX_TEXT),
            },
            transaction_info: TransactionInfo { source: name.source().as_str() },
            start_timestamp: seconds(root.start),
            timestamp: seconds(root.end()),
            release: release.as_deref(),
            environment,
            server_name: server_name.as_deref(),
            tags: tags(root),
            contexts: Contexts { trace: Span::root(*trace_id, root) },
            measurements: measurements.iter().map(measured).collect(),
            sdk,
            spans: spans.iter().map(|span| Span::child(*trace_id, span)).collect(),
        }
    }
}

/// Returns the seconds since the epoch. For current times, an `f64` has a resolution of a quarter of a microsecond.
pub(crate) fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
