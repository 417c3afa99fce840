//! The envelopes, as the bytes that are sent.
//!
//! Source: Sentry's Envelopes document. The official crate's transports rebuild an envelope of its own types without
//! `trace`, `sdk` and `sent_at`, but do not change raw bytes.

use std::time::SystemTime;

use sentry_core::protocol::EnvelopeHeaders;
use sentry_core::types::{Uuid, random_uuid};
use serde::Serialize;
use trace_core::FinishedTransaction;

use crate::counts::{Counts, Loss, Reason};
use crate::json;
use crate::official_options::Identity;
use crate::payload::{Payload, Sdk, seconds};
use crate::scope_payload::ScopePayload;
use crate::span_payload::id;
use crate::spans_that_fit::spans_that_fit;
use crate::trace_header::TraceHeader;

/// The maximum size of an item that Sentry accepts, in bytes.
const MAX_ITEM: usize = 1024 * 1024;

/// The most bytes that the scope of a request takes from an item which has no room for everything. A user may be of any
/// size, and must not cost the spans.
const MAX_SCOPE: usize = MAX_ITEM / 2;

/// The usual size of an envelope without spans and of a span, for which room is reserved at once.
const USUAL: (usize, usize) = (2048, 512);

#[derive(Serialize)]
struct Header<'a> {
    #[serde(flatten)]
    known: EnvelopeHeaders,
    #[serde(serialize_with = "id")]
    event_id: Uuid,
    sdk: Sdk,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceHeader<'a>>,
}

/// Returns the envelope of a transaction, or `None` if it cannot be written. If the transaction is too large, the scope of
/// its request is left out if it is the cause, and else the spans that do not fit, which are counted.
pub(crate) fn of_transaction(
    transaction: &mut FinishedTransaction,
    identity: &Identity,
    counts: &Counts,
) -> Option<Vec<u8>> {
    let event_id = random_uuid();
    let scope = ScopePayload::of(transaction);
    let fits = |(envelope, length)| (length <= MAX_ITEM).then_some(envelope);
    write_transaction(transaction, &scope, event_id, identity).and_then(fits).or_else(|| {
        let (spans, without) = (std::mem::take(&mut transaction.spans), ScopePayload::default());
        let length = |scope| Some(write_transaction(transaction, scope, event_id, identity)?.1);
        let least = length(&without).unwrap_or(MAX_ITEM);
        let (scope, length) = match length(&scope) {
            Some(length) if length <= least + MAX_SCOPE => (scope, length),
            _ => (without, least),
        };
        let all = spans.len();
        transaction.spans = spans_that_fit(spans, transaction.trace_id, MAX_ITEM.saturating_sub(length));
        counts.lost_spans(Reason::BufferOverflow, all - transaction.spans.len());
        write_transaction(transaction, &scope, event_id, identity).and_then(fits)
    })
}

/// Writes the envelope of a transaction. Returns the length of its item, too.
fn write_transaction(
    transaction: &FinishedTransaction,
    scope: &ScopePayload,
    event_id: Uuid,
    identity: &Identity,
) -> Option<(Vec<u8>, usize)> {
    let context = transaction.dynamic_sampling_context();
    let header = Header {
        known: EnvelopeHeaders::new().with_sent_at(SystemTime::now()),
        event_id,
        sdk: Sdk::OURS,
        trace: Some(TraceHeader {
            context: &context,
            trace_id: transaction.trace_id,
            public_key: identity.public_key.as_deref(),
            own_rate: transaction.own_sample_rate(),
        }),
    };
    let room = USUAL.0 + USUAL.1 * transaction.spans.len();
    envelope(&header, "transaction", &Payload::new(transaction, scope, event_id, identity), room)
}

/// Returns the envelope of a client report, or `None` if there is nothing to report.
pub(crate) fn of_losses(losses: &[Loss]) -> Option<Vec<u8>> {
    if losses.is_empty() {
        return None;
    }
    let report = serde_json::json!({ "timestamp": seconds(SystemTime::now()), "discarded_events": losses });
    envelope(&serde_json::json!({}), "client_report", &report, USUAL.0).map(|(bytes, _)| bytes)
}

/// Returns the envelope of an event.
#[cfg(feature = "spotlight")]
pub(crate) fn of_event(event: &sentry_core::protocol::Event<'_>) -> Option<Vec<u8>> {
    let header =
        Header { known: EnvelopeHeaders::new(), event_id: event.event_id, sdk: Sdk::OURS, trace: None };
    envelope(&header, "event", event, USUAL.0).map(|(bytes, _)| bytes)
}

/// Writes an envelope with one item in one pass: the length, which is known last, has a place of fixed size.
fn envelope(
    header: &impl Serialize,
    kind: &str,
    item: &impl Serialize,
    room: usize,
) -> Option<(Vec<u8>, usize)> {
    const LENGTH: &[u8] = b"          ";
    let mut bytes = Vec::with_capacity(room);
    json::append(&mut bytes, header).ok()?;
    bytes.extend_from_slice(b"\n{\"type\":\"");
    bytes.extend_from_slice(kind.as_bytes());
    bytes.extend_from_slice(b"\",\"length\":");
    let place = bytes.len();
    bytes.extend_from_slice(LENGTH);
    bytes.extend_from_slice(b"}\n");
    let start = bytes.len();
    json::append(&mut bytes, item).ok()?;
    let length = bytes.len() - start;
    bytes.push(b'\n');
    let digits = length.to_string();
    let end = place + LENGTH.len();
    bytes.get_mut(end.checked_sub(digits.len())?..end)?.copy_from_slice(digits.as_bytes());
    Some((bytes, length))
}
