//! The payload of a streamed span, as Sentry reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use serde_json::Result;
use trace_core::{FinishedSpan, SpanId, SpanLink, SpanStatus, TraceId, TransactionName};

use super::attributes::{self, OfLink};
use super::common::Common;
use super::ended::EndedSpan;
use crate::cut::{MAX_TEXT, cut};
use crate::json;
use crate::span_payload::{id, write_links};

/// The name of a span that has none.
pub(super) const UNNAMED: &str = "<unlabeled span>";

#[derive(Serialize)]
struct Fields<'a> {
    #[serde(serialize_with = "id")]
    trace_id: TraceId,
    #[serde(serialize_with = "id")]
    span_id: SpanId,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "id")]
    parent_span_id: Option<SpanId>,
    name: &'a str,
    status: &'static str,
    is_segment: bool,
    start_timestamp: f64,
    end_timestamp: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "links")]
    links: &'a [SpanLink],
}

/// Appends a span. Part of it may have been written if there is an error.
pub(super) fn append(bytes: &mut Vec<u8>, ended: &EndedSpan, common: &Common) -> Result<()> {
    let streamed = &ended.streamed;
    let (span, is_segment) = (&streamed.span, streamed.is_service_span());
    let fields = Fields {
        trace_id: streamed.trace_id(),
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        name: name(span, is_segment, common.transaction_name()),
        status: match span.status {
            None | Some(SpanStatus::Ok) => "ok",
            Some(_) => "error",
        },
        is_segment,
        start_timestamp: seconds(span.start),
        end_timestamp: seconds(span.end()),
        links: &span.links,
    };
    json::append(bytes, &fields)?;
    // The object is open again for its last member.
    bytes.pop();
    bytes.extend_from_slice(b",\"attributes\":{");
    attributes::append(bytes, ended, common)?;
    bytes.extend_from_slice(b"}}");
    Ok(())
}

/// Returns the name, which is never empty.
fn name<'a>(span: &'a FinishedSpan, is_segment: bool, transaction_name: &'a TransactionName) -> &'a str {
    let names =
        if is_segment { [transaction_name.as_str(), ""] } else { [&*span.description, &*span.operation] };
    cut(names.into_iter().find(|name| !name.is_empty()).unwrap_or(UNNAMED), MAX_TEXT)
}

/// Returns the seconds since the epoch, in whole microseconds.
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as f64 / 1e6
}

fn links<S: Serializer>(links: &[SpanLink], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    write_links(links, serializer, OfLink)
}
