//! The payload of a streamed span, as Sentry reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use trace_core::{FinishedSpan, SpanId, SpanLink, SpanStatus, TraceId, TransactionName};

use super::attributes::{Attributes, OfLink};
use super::ended::EndedSpan;
use crate::official_options::Identity;
use crate::request_scope::EndedScope;
use crate::span_payload::{MAX_TEXT, cut, id, write_links};

/// The name of a span that has none.
pub(super) const UNNAMED: &str = "<unlabeled span>";

/// A span, with the current name of its service span and the scope in which it ended.
pub(super) struct Span<'a> {
    pub(super) ended: &'a EndedSpan,
    pub(super) scope: &'a EndedScope,
    pub(super) transaction_name: TransactionName,
    pub(super) identity: &'a Identity,
}

impl<'a> Span<'a> {
    pub(super) fn new(ended: &'a EndedSpan, scope: &'a EndedScope, identity: &'a Identity) -> Self {
        Self { ended, scope, transaction_name: ended.streamed.transaction_name(), identity }
    }
}

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
    attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "links")]
    links: &'a [SpanLink],
}

impl Serialize for Span<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { ended: EndedSpan { streamed, .. }, transaction_name, .. } = self;
        let (span, is_segment) = (&streamed.span, streamed.is_service_span());
        Fields {
            trace_id: streamed.trace_id(),
            span_id: span.span_id,
            parent_span_id: span.parent_span_id,
            name: name(span, is_segment, transaction_name),
            status: match span.status {
                None | Some(SpanStatus::Ok) => "ok",
                Some(_) => "error",
            },
            is_segment,
            start_timestamp: seconds(span.start),
            end_timestamp: seconds(span.end()),
            attributes: Attributes(self),
            links: &span.links,
        }
        .serialize(serializer)
    }
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

fn links<S: Serializer>(links: &[SpanLink], serializer: S) -> Result<S::Ok, S::Error> {
    write_links(links, serializer, OfLink)
}
