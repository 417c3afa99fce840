//! The envelopes, as the bytes that are sent.
//!
//! Source: Sentry's Envelopes document. The official crate's transports rebuild an envelope of its own types without
//! `trace`, `sdk` and `sent_at`, but do not change raw bytes.

use std::time::SystemTime;

use sentry_core::protocol::EnvelopeHeaders;
use sentry_core::types::random_uuid;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trace_core::FinishedTransaction;

use crate::client_options::Identity;
use crate::counts::{Counts, Loss, Reason};
use crate::payload::{Payload, Sdk, seconds};

/// The maximum size of an item that Sentry accepts, in bytes.
const MAX_ITEM: usize = 1024 * 1024;

/// Returns the envelope of a transaction, or `None` if it cannot be written. If the transaction is too large, its
/// latest spans are dropped. All losses are counted.
pub(crate) fn of_transaction(
    transaction: &mut FinishedTransaction,
    identity: &Identity,
    counts: &Counts,
) -> Option<Vec<u8>> {
    counts.lost_spans(Reason::BufferOverflow, transaction.dropped_spans);
    let event_id = random_uuid().simple().to_string();
    let mut item = write(&Payload::new(transaction, &event_id, identity, &Sdk::OURS));
    transaction.spans.sort_by_key(|span| span.start);
    while item.as_ref().is_some_and(|item| item.len() > MAX_ITEM) && !transaction.spans.is_empty() {
        let length = item.as_ref().map_or(0, Vec::len);
        let spans = transaction.spans.len();
        // The number of dropped spans assumes that all have the same size. At least one is dropped.
        let kept = (spans * MAX_ITEM / length).min(spans - 1);
        transaction.spans.truncate(kept);
        counts.lost_spans(Reason::BufferOverflow, spans - kept);
        item = write(&Payload::new(transaction, &event_id, identity, &Sdk::OURS));
    }
    let Some(item) = item.filter(|item| item.len() <= MAX_ITEM) else {
        counts.lost(Reason::InternalSdkError, transaction.spans.len());
        return None;
    };
    let known = EnvelopeHeaders::new().with_sent_at(SystemTime::now());
    let mut header = match serde_json::to_value(known) {
        Ok(Value::Object(header)) => header,
        _ => Map::new(),
    };
    header.insert("event_id".into(), event_id.into());
    header.insert("sdk".into(), json!(Sdk::OURS));
    header.insert("trace".into(), trace_header(transaction, identity));
    Some(envelope(&header, "transaction", &item))
}

/// Returns the envelope of a client report, or `None` if there is nothing to report.
pub(crate) fn of_losses(losses: &[Loss]) -> Option<Vec<u8>> {
    if losses.is_empty() {
        return None;
    }
    let report = json!({ "timestamp": seconds(SystemTime::now()), "discarded_events": losses });
    Some(envelope(&Map::new(), "client_report", &write(&report)?))
}

/// Returns the envelope of an event.
#[cfg(feature = "spotlight")]
pub(crate) fn of_event(event: &sentry_core::protocol::Event<'_>) -> Option<Vec<u8>> {
    let header = json!({ "event_id": event.event_id.simple().to_string(), "sdk": Sdk::OURS });
    Some(envelope(header.as_object()?, "event", &write(event)?))
}

/// Returns the sampling context, decoded and complete: Relay requires a trace and a key, which some callers do not
/// send. The context that is sent to other services is not changed.
///
/// A value with invalid escapes is omitted, as in the Node SDK, because its meaning is ambiguous.
fn trace_header(transaction: &FinishedTransaction, identity: &Identity) -> Value {
    let context = transaction.dynamic_sampling_context();
    let values =
        context.iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into_owned().into())));
    let mut header: Map<String, Value> = values.collect();
    header.entry("trace_id").or_insert_with(|| transaction.trace_id.to_string().into());
    if let Some(key) = &identity.public_key {
        header.entry("public_key").or_insert_with(|| key.as_str().into());
    }
    if let Some(rate) = transaction.own_sample_rate() {
        header.insert("sample_rate".to_owned(), rate.to_string().into());
    }
    Value::Object(header)
}

fn envelope(header: &Map<String, Value>, kind: &str, item: &[u8]) -> Vec<u8> {
    let mut bytes = write(header).unwrap_or_else(|| b"{}".to_vec());
    bytes.push(b'\n');
    bytes.extend(write(&json!({ "type": kind, "length": item.len() })).unwrap_or_default());
    bytes.push(b'\n');
    bytes.extend_from_slice(item);
    bytes.push(b'\n');
    bytes
}

fn write(value: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}
