//! The members of `baggage`: ours, and those of others, which stay first and unchanged.

use bytes::Bytes;
use http::HeaderValue;

use super::SentContext;
use super::changes::Change;
use crate::dsc::DynamicSamplingContext;
use crate::wire::baggage::OtherMembers;
use crate::wire::names::TraceHeaderName;
use crate::wire::{HeaderScan, Lines};

/// Replaces Sentry's members by ours.
#[inline]
pub(super) fn with_ours(found: &HeaderScan<'_>, context: &DynamicSamplingContext) -> (Change, SentContext) {
    let others = match found.baggage {
        Lines::None => OtherMembers::default(),
        Lines::One(_) | Lines::Several => others(found),
    };
    let (ours, dropped_members) = context.limited(others.text.len(), others.number);
    let sent = match (ours.as_baggage(), dropped_members) {
        (_, 0) => SentContext::Complete,
        (Some(_), dropped_members) => SentContext::Shortened { dropped_members },
        (None, _) => SentContext::NoRoom,
    };
    let change = match (ours.as_baggage(), others.number) {
        (Some(ours), 0) => Change::Set(ours.clone()),
        (None, 0) => Change::removal(found.baggage),
        (Some(ours), _) => joined([&others.text[..], b",", ours.as_bytes()].concat()),
        (None, _) => joined(others.text),
    };
    (change, sent)
}

/// Removes Sentry's members. Without any, nothing changes.
pub(super) fn without_ours(found: &HeaderScan<'_>) -> Change {
    if !found.baggage.are_there() {
        return Change::Keep;
    }
    let others = others(found);
    match (others.beside_sentry_members, others.number) {
        (false, _) => Change::Keep,
        (true, 0) => Change::Remove,
        (true, _) => joined(others.text),
    }
}

fn others(found: &HeaderScan<'_>) -> OtherMembers {
    OtherMembers::of(found.all(TraceHeaderName::Baggage).map(HeaderValue::as_bytes))
}

/// Joins header values. Bytes of header values with commas between are a header value, so the fallback is never used.
fn joined(text: Vec<u8>) -> Change {
    HeaderValue::from_maybe_shared(Bytes::from(text)).map_or(Change::Remove, Change::Set)
}
