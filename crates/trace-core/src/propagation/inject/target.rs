//! The changes to the headers of a request to a target.

use http::HeaderValue;

use super::changes::{Change, Changes};
use super::known::Known;
use super::{Injection, OutgoingTrace, SentContext, Withheld, members};
use crate::wire::names::TraceHeaderName;
use crate::wire::{HeaderScan, SignedHeaders, Traceparent};

/// Decides about the headers of a carrier to which the application wrote no `sentry-trace`.
#[inline]
pub(super) fn decide(
    found: &HeaderScan<'_>,
    signed: SignedHeaders,
    trace: &OutgoingTrace<'_>,
    known: &Known<'_>,
) -> (Changes, Injection) {
    let is_signed = signed.has(TraceHeaderName::SentryTrace);
    // Beside a signed header of another trace, our sampling context would be wrong.
    let is_foreign = is_signed && found.first.is_some_and(|left| left.trace_id != trace.header.trace_id);
    let (baggage, sampling_context) = match is_foreign || signed.has(TraceHeaderName::Baggage) {
        true => (Change::Keep, SentContext::Signed),
        false => members::with_ours(found, trace.context),
    };
    let (traceparent, tracestate) = match is_signed && found.first.is_some() {
        // Beside a signed header, a `traceparent` of ours would name another span.
        true => (Change::Keep, Change::Keep),
        false => w3c(found, trace, known),
    };
    let sentry_trace = Change::Set(trace.header.to_header_value());
    let outcome = match is_signed {
        true => Injection::Withheld(Withheld::Signed),
        false => Injection::Injected { sampling_context },
    };
    (Changes { sentry_trace, baggage, traceparent, tracestate }, outcome)
}

#[inline]
fn w3c(found: &HeaderScan<'_>, trace: &OutgoingTrace<'_>, known: &Known<'_>) -> (Change, Change) {
    if known.w3c.propagate {
        let traceparent = trace.header.to_traceparent(trace.w3c_state).to_header_value();
        let tracestate = trace.w3c_state.and_then(|state| state.tracestate.clone());
        return (
            Change::Set(traceparent),
            tracestate.map_or_else(|| Change::removal(found.tracestate), Change::Set),
        );
    }
    let is_orphan = known.w3c.accept && !found.traceparent.are_there();
    let is_malformed = |line: &HeaderValue| {
        Traceparent::parse(line.as_bytes()).is_err() && (known.w3c.accept || known.caller.has_traceparent())
    };
    if is_orphan
        || (found.traceparent.are_there() && found.all(TraceHeaderName::Traceparent).any(is_malformed))
    {
        return (Change::removal(found.traceparent), Change::removal(found.tracestate));
    }
    (Change::Keep, Change::Keep)
}
