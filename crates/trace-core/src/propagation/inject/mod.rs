//! The decision which trace headers are written to an outgoing carrier, and which of its existing ones stay.
//!
//! | `sentry-trace` on it | towards a target | otherwise |
//! | --- | --- | --- |
//! | of the application: valid, and not one that came in | stays | stays, unless nothing may leave |
//! | anything else: copied, unreadable, several lines | replaced | removed, with Sentry's members of `baggage` |
//!
//! `traceparent` and `tracestate` are kept, replaced or removed together. Towards a target, a header that a signature
//! names stays unchanged.

mod changes;
mod known;
mod members;
mod target;

use std::fmt;

use crate::dsc::DynamicSamplingContext;
use crate::id::TraceId;
use crate::propagation::Inject;
use crate::wire::names::TraceHeaderName;
use crate::wire::tracestate::W3cState;
use crate::wire::{HeaderScan, SentryTrace, SignedHeaders};

use changes::{Change, Changes};
pub(crate) use known::Known;

/// The result for the trace headers of an outgoing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injection {
    /// The trace headers were written.
    Injected {
        /// The result for the dynamic sampling context.
        sampling_context: SentContext,
    },
    /// No trace headers were written.
    Withheld(Withheld),
}

/// The result for the dynamic sampling context of a trace whose headers were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentContext {
    /// All of it was written, if it has members.
    Complete,
    /// Members were dropped, because the `baggage` would have grown beyond 8192 bytes or 64 members.
    Shortened {
        /// The number of dropped members.
        dropped_members: usize,
    },
    /// None of it was written: no member fits beside the members of others, or the carrier can hold no more headers.
    NoRoom,
    /// None of it was written: a signature of the request names `baggage`.
    Signed,
}

/// The reason why a request was sent without our `sentry-trace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Withheld {
    /// The URL of the request matches none of the trace propagation targets.
    NotATarget,
    /// A list of targets is set, but the host of the request is unknown: neither its URI nor its `Host` header names
    /// one.
    UnknownHost,
    /// The request goes to the endpoint of the DSN.
    SentryHost,
    /// The request carries a `sentry-trace` that the application put there.
    AlreadyPresent,
    /// A signature of the request names `sentry-trace`, so that header was left unchanged. The sampling context was
    /// written, unless it is of another trace than that header.
    Signed,
    /// The request must not carry the trace, and headers that a proxy had copied were removed although a signature of
    /// the request names them. A server that checks the signature will reject the request.
    SignatureBroken,
    /// The carrier can hold no more headers.
    CarrierFull,
    /// Tracing is suppressed for this work, or disabled.
    Suppressed,
}

/// The reason as a clause, such as "its URL matches none of the trace propagation targets".
impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotATarget => "its URL matches none of the trace propagation targets",
            Self::UnknownHost => "nothing tells which host it goes to",
            Self::SentryHost => "it goes to Sentry itself",
            Self::AlreadyPresent => "the application wrote its own sentry-trace",
            Self::Signed => "a signature of the request names sentry-trace",
            Self::SignatureBroken => {
                "its URL is no target, and signed copies of the caller's headers were removed"
            }
            Self::CarrierFull => "the carrier can hold no more headers",
            Self::Suppressed => "tracing is suppressed for this work",
        })
    }
}

/// The trace whose headers are to be written.
pub(crate) struct OutgoingTrace<'a> {
    pub(crate) header: SentryTrace,
    pub(crate) context: &'a DynamicSamplingContext,
    pub(crate) w3c_state: Option<&'a W3cState>,
}

/// Writes the headers of a trace, unless the application wrote its own.
#[inline]
pub(crate) fn inject(carrier: &mut impl Inject, trace: &OutgoingTrace<'_>, known: &Known<'_>) -> Injection {
    let headers = carrier.headers();
    let found = HeaderScan::of(&headers);
    let signed = SignedHeaders::of(&headers, known.query);
    let (changes, outcome) = match known.own(&found) {
        Some(own) => {
            (own.changes_towards_target(&found, known), Injection::Withheld(Withheld::AlreadyPresent))
        }
        None => target::decide(&found, signed, trace, known),
    };
    drop(headers);
    match changes.without(signed).apply(carrier) {
        Ok(()) => outcome,
        Err(TraceHeaderName::SentryTrace) => {
            withhold(carrier, known, trace.header.trace_id, false);
            Injection::Withheld(Withheld::CarrierFull)
        }
        Err(TraceHeaderName::Baggage) => Injection::Injected { sampling_context: SentContext::NoRoom },
        // W3C's headers may be missing without harm.
        Err(_) => outcome,
    }
}

/// Removes incoming headers from a carrier that must not carry the trace. If `nothing_may_leave`, it also removes
/// headers that the application wrote itself, and those that name the trace `current`. Returns whether a signature
/// names a removed header.
pub(crate) fn withhold(
    carrier: &mut impl Inject,
    known: &Known<'_>,
    current: TraceId,
    nothing_may_leave: bool,
) -> bool {
    let headers = carrier.headers();
    let found = HeaderScan::of(&headers);
    if found.are_none() {
        return false;
    }
    let changes = match known.own(&found).filter(|_| !nothing_may_leave) {
        Some(own) => {
            let is_copied = |id| id != own.header.trace_id && known.caller.names_trace(id);
            let has_w3c = known.has_w3c(&found, is_copied) && !own.has_traceparent(&found);
            own.changes(&found, known).with_w3c_removed(&found, has_w3c)
        }
        None => {
            let unwanted = if nothing_may_leave { trace_ids(&found, current) } else { Vec::new() };
            let is_of_trace = |id| known.caller.names_trace(id) || unwanted.binary_search(&id).is_ok();
            let sentry_trace = Change::removal(found.sentry_trace);
            let changes =
                Changes { sentry_trace, baggage: members::without_ours(&found), ..Changes::default() };
            changes.with_w3c_removed(&found, known.has_w3c(&found, is_of_trace))
        }
    };
    let breaks_signature = !changes.are_none() && changes.touch_any(SignedHeaders::of(&headers, known.query));
    drop(headers);
    // Nothing is added, so there is always room.
    let _room = changes.apply(carrier);
    breaks_signature
}

/// Returns the traces that the carrier names, and `current`. They are sorted, since there may be many.
fn trace_ids(found: &HeaderScan<'_>, current: TraceId) -> Vec<TraceId> {
    let mut ids: Vec<_> = found.all_sentry_traces().map(|header| header.trace_id).collect();
    ids.push(current);
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests;
