//! The envelope of a batch of spans.
//!
//! Source: Sentry's Spans specification 1.0.0: one item with spans of one trace, and a `trace` header, without which Relay
//! discards it.

use std::io::Write;
use std::time::SystemTime;

use sentry_core::protocol::EnvelopeHeaders;
use serde::Serialize;

use super::bucket::{Bucket, MAX_SPANS};
use super::common::Common;
use super::ended::EndedSpan;
use super::payload;
use super::scope_attributes::Scopes;
use crate::official_options::Identity;
use crate::payload::Sdk;
use crate::trace_header::TraceHeader;

/// The maximum size of a span, in bytes.
const MAX_SPAN: usize = 1024 * 1024;
/// The maximum size of the spans of an envelope. Sentry accepts twice as much.
const MAX_ITEMS: usize = 5_000_000;
/// The maximum size of an envelope, with room for its headers.
#[cfg(feature = "transport")]
pub(crate) const MAX_ENVELOPE: usize = MAX_ITEMS + 64 * 1024;
/// The usual size of a span, for which room is reserved at once.
const USUAL: usize = 1024;

/// The spans of a bucket that are sent with one envelope.
pub(crate) struct Batch {
    /// `None` if there is no span to send.
    pub(crate) envelope: Option<Vec<u8>>,
    /// The number of spans in the envelope.
    pub(crate) spans: usize,
    /// The number of spans that are too large to be sent.
    pub(crate) too_large: usize,
}

#[derive(Serialize)]
struct Header<'a> {
    #[serde(flatten)]
    known: EnvelopeHeaders,
    sdk: Sdk,
    trace: TraceHeader<'a>,
}

impl Batch {
    /// Takes as many spans out of a bucket as fit into one envelope, and writes it. The sampling context is frozen.
    pub(crate) fn take_from(Bucket { spans, .. }: &mut Bucket, identity: &Identity) -> Self {
        let header = spans.front().and_then(|EndedSpan { streamed: first, .. }| {
            let header = Header {
                known: EnvelopeHeaders::new().with_sent_at(SystemTime::now()),
                sdk: Sdk::OURS,
                trace: TraceHeader {
                    context: &first.dynamic_sampling_context(),
                    trace_id: first.trace_id(),
                    public_key: identity.public_key.as_deref(),
                    own_rate: first.own_sample_rate(),
                },
            };
            serde_json::to_vec(&header).ok()
        });
        let mut items = Vec::with_capacity(spans.len().min(MAX_SPANS) * USUAL);
        let (mut written, mut too_large) = (0, 0);
        let (mut scopes, mut common) = (Scopes::among(&*spans), None);
        while written < MAX_SPANS
            && let Some(span) = spans.front()
        {
            let start = items.len();
            if written > 0 {
                items.push(b',');
            }
            let first = items.len();
            let mut is_written = |scope| {
                items.truncate(first);
                let common = Common::of(&mut common, span, scope, identity);
                payload::append(&mut items, span, common).is_ok() && items.len() - start <= MAX_SPAN
            };
            // A scope of any size must not cost the span.
            if !is_written(scopes.of(span)) && !is_written(scopes.none()) {
                items.truncate(start);
                too_large += 1;
            } else if written > 0 && items.len() > MAX_ITEMS {
                items.truncate(start);
                break;
            } else {
                written += 1;
            }
            spans.pop_front();
        }
        let envelope = header.filter(|_| written > 0).and_then(|header| envelope(&header, &items, written));
        Self { envelope, spans: written, too_large }
    }
}

fn envelope(header: &[u8], items: &[u8], spans: usize) -> Option<Vec<u8>> {
    const OPEN: &[u8] = b"{\"version\":2,\"items\":[";
    const CLOSE: &[u8] = b"]}";
    let length = OPEN.len() + items.len() + CLOSE.len();
    let mut bytes = Vec::with_capacity(header.len() + length + 200);
    bytes.extend_from_slice(header);
    write!(
        bytes,
        "\n{{\"type\":\"span\",\"item_count\":{spans},\
         \"content_type\":\"application/vnd.sentry.items.span.v2+json\",\"length\":{length}}}\n"
    )
    .ok()?;
    [OPEN, items, CLOSE, b"\n"].into_iter().for_each(|part| bytes.extend_from_slice(part));
    Some(bytes)
}
