//! The payload of a transaction, as Sentry reads it.
//!
//! Source: Sentry's Transaction Payloads. It is written from the record alone, without the official crate's types,
//! which have no `transaction_info`, and no `origin` and no `links` of a span. Nothing is gathered before it is written.

use std::time::{SystemTime, UNIX_EPOCH};

use sentry_core::protocol::{Map as OfficialMap, Request, User, Value};
use sentry_core::types::Uuid;
use serde::{Serialize, Serializer};
use trace_core::{FinishedTransaction, Measurement, NameSource};

use crate::cut::{MAX_TAG, MAX_TEXT, cut};
use crate::members::keyed;
use crate::official_options::Identity;
use crate::scope_payload::{Contexts, ScopePayload, Tags};
use crate::span_payload::{Span, Spans, id};

#[derive(Serialize)]
pub(crate) struct Payload<'a> {
    r#type: &'static str,
    #[serde(serialize_with = "id")]
    event_id: Uuid,
    platform: &'static str,
    transaction: &'a str,
    transaction_info: TransactionInfo,
    start_timestamp: f64,
    timestamp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
    environment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a Request>,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags<'a>,
    #[serde(skip_serializing_if = "OfficialMap::is_empty")]
    extra: &'a OfficialMap<String, Value>,
    contexts: Contexts<'a>,
    #[serde(skip_serializing_if = "Measurements::is_empty")]
    measurements: Measurements<'a>,
    sdk: &'a Sdk,
    spans: Spans<'a>,
}

#[derive(Serialize)]
struct TransactionInfo {
    source: &'static str,
}

struct Measurements<'a>(&'a [Measurement]);

impl Measurements<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Measurements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let measurements = keyed(self.0, |measurement| &measurement.name);
        serializer.collect_map(measurements.map(|(name, Measurement { value, unit, .. })| {
            (name, Measured { value: *value, unit: cut(unit, MAX_TAG) })
        }))
    }
}

#[derive(Serialize)]
struct Measured<'a> {
    value: f64,
    unit: &'a str,
}

/// The SDK in the envelope and the payload. Relay knows it by the name of the official one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sdk {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
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
        scope: &'a ScopePayload,
        event_id: Uuid,
        identity: &'a Identity,
    ) -> Self {
        let FinishedTransaction { trace_id, name, root, spans, measurements, .. } = transaction;
        let Identity { release, environment, server_name, .. } = identity;
        Self {
            r#type: "transaction",
            event_id,
            platform: "native",
            transaction: match name.as_str() {
                "" => "<unlabeled transaction>",
                name => cut(name, MAX_TEXT),
            },
            transaction_info: TransactionInfo { source: NameSource::as_str(name.source()) },
            start_timestamp: seconds(root.start),
            timestamp: seconds(root.end()),
            release: release.as_deref(),
            environment,
            server_name: server_name.as_deref(),
            user: scope.user.as_ref(),
            request: scope.request.as_ref(),
            tags: scope.tags(&root.tags),
            extra: &scope.extra,
            contexts: scope.contexts(Span::root(*trace_id, root)),
            measurements: Measurements(measurements),
            sdk: &Sdk::OURS,
            spans: Spans { trace_id: *trace_id, spans },
        }
    }
}

/// Returns the seconds since the epoch. For current times, an `f64` has a resolution of a quarter of a microsecond.
pub(crate) fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
