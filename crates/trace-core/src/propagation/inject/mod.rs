//! The place where it is decided which trace headers leave with something outgoing, and which of those that it has
//! already stay.
//!
//! | `sentry-trace` on it | towards a target | towards anybody else |
//! | --- | --- | --- |
//! | of the application: valid, and not one that came in | stays | stays, unless nothing may leave |
//! | anything else: copied, unreadable, several lines | replaced | removed, with Sentry's members of `baggage` |
//!
//! `traceparent` and `tracestate` travel or fall together. What a signature names stays as it is towards a target.

mod changes;
mod known;
mod members;
mod target;

use std::fmt;

use smallvec::SmallVec;

use crate::dsc::DynamicSamplingContext;
use crate::id::TraceId;
use crate::propagation::Inject;
use crate::wire::names::TraceHeaderName;
use crate::wire::tracestate::W3cState;
use crate::wire::{HeaderScan, SentryTrace, SignedHeaders};

use changes::{Change, Changes};
pub(crate) use known::Known;

/// What became of an outgoing request's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injection {
    /// The trace headers were written.
    Injected {
        /// What became of the dynamic sampling context.
        sampling_context: SentContext,
    },
    /// None was written.
    Withheld(Withheld),
}

/// What became of the dynamic sampling context of a trace whose headers were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentContext {
    /// All of it was written, if there is any.
    Complete,
    /// Members were dropped, because the `baggage` would have grown beyond 8192 bytes or 64 members.
    Shortened {
        /// How many were dropped.
        dropped_members: usize,
    },
    /// None of it was written: nothing fits beside the members of others, or the carrier can hold no more headers.
    NoRoom,
    /// None of it was written: a signature of the request names `baggage`.
    Signed,
}

/// Why a request left without trace headers of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Withheld {
    /// Its URL matches none of the trace propagation targets.
    NotATarget,
    /// There is a list of targets, and nothing tells to which host it goes: its URI names none, and its `Host` header
    /// neither.
    UnknownHost,
    /// It goes to the endpoint of the DSN.
    SentryHost,
    /// It carries a `sentry-trace` that the application put there.
    AlreadyPresent,
    /// A signature of the request names `sentry-trace`, so it was left as it is. Of the other headers, the sampling context
    /// was written unless it is of another trace than the header that was left.
    Signed,
    /// It must not carry the trace, and headers that a proxy had copied were removed although a signature of the request
    /// names them: whoever checks the signature will refuse the request.
    SignatureBroken,
    /// The carrier can hold no more headers.
    CarrierFull,
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
        // What is another's standard may be missing.
        Err(_) => outcome,
    }
}

/// Takes what came in off something outgoing that must not carry the trace. If `nothing_may_leave`, so goes what the
/// application put there itself, and whatever names the trace `current`. Returns whether a signature names what was removed.
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
            let unwanted = if nothing_may_leave { trace_ids(&found, current) } else { SmallVec::new() };
            let is_of_trace = |id| known.caller.names_trace(id) || unwanted.binary_search(&id).is_ok();
            let sentry_trace = Change::removal(found.sentry_trace);
            let changes =
                Changes { sentry_trace, baggage: members::without_ours(&found), ..Changes::default() };
            changes.with_w3c_removed(&found, known.has_w3c(&found, is_of_trace))
        }
    };
    let breaks_signature = !changes.are_none() && changes.touch_any(SignedHeaders::of(&headers, known.query));
    drop(headers);
    // Nothing is added, so that there is always room.
    let _room = changes.apply(carrier);
    breaks_signature
}

/// The traces that something outgoing names, and `current`, sorted: there may be many.
fn trace_ids(found: &HeaderScan<'_>, current: TraceId) -> SmallVec<[TraceId; 2]> {
    let mut ids: SmallVec<_> = found.all_sentry_traces().map(|header| header.trace_id).collect();
    ids.push(current);
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests;
