//! The decision which incoming header is continued. [`inject`](super::inject) decides about outgoing headers.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use crate::dsc::CallerContext;
use crate::id::OrganizationId;
use crate::policy::{AdoptedContext, ContinuedFrom, NewTrace, admit};
use crate::propagation::{CallerHeaders, CallerSpan};
use crate::wire::names::TraceHeaderName;
use crate::wire::tracestate::{self, W3cState};
use crate::wire::{HeaderScan, Lines, SentryTrace, Traceparent};

/// The options that decide which callers are continued.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Policy {
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) strict: bool,
    pub(crate) w3c: W3cOptions,
    /// `true` if flag 00 of an accepted `traceparent` means "not sampled". Sentry's SDKs also write it for a deferred
    /// decision.
    pub(crate) traceparent_unsampled: bool,
}

/// The W3C headers that are read and written. If either is set, all W3C headers on a request count as ours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct W3cOptions {
    pub(crate) accept: bool,
    pub(crate) propagate: bool,
}

/// The incoming headers and the verdict on them.
#[derive(Debug)]
pub(crate) struct Extracted {
    pub(crate) caller: CallerHeaders,
    pub(crate) verdict: Verdict,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    /// A trace of Sentry's is continued.
    Continued { header: SentryTrace, received: CallerContext },
    /// A trace is continued that has no sampling context of Sentry's. This service is the head of its sampling
    /// context.
    Adopted { header: SentryTrace, context: AdoptedContext, w3c: Option<Arc<W3cState>> },
    /// A new trace starts.
    New(NewTrace),
}

/// Reads headers. Invalid input is never an error: it leads to a new trace with a reason.
#[inline]
pub(crate) fn extract(headers: &HeaderMap, policy: Policy) -> Extracted {
    let found = HeaderScan::of(headers);
    match incoming_trace(&found, policy) {
        Ok(Incoming::SentryTrace(header)) => {
            let caller = CallerHeaders::of(&found, None);
            Extracted { caller, verdict: continue_sentry_trace(&found, header, policy) }
        }
        Ok(Incoming::Traceparent(parsed, header)) => {
            let caller = CallerHeaders::of(&found, Some(header.into()));
            Extracted { caller, verdict: continue_traceparent(&found, parsed, header, policy) }
        }
        Err(reason) => Extracted { caller: CallerHeaders::of(&found, None), verdict: Verdict::New(reason) },
    }
}

#[inline]
fn continue_sentry_trace(found: &HeaderScan<'_>, header: SentryTrace, policy: Policy) -> Verdict {
    let received = match found.baggage {
        Lines::None => CallerContext::empty(header.sampled),
        Lines::One(line) => CallerContext::of_line(line.clone(), ContinuedFrom::SentryTrace, header.sampled),
        Lines::Several => CallerContext::of_lines(found, ContinuedFrom::SentryTrace, header),
    };
    let is_clear =
        !policy.strict && policy.organization_id.is_none_or(|ours| received.is_clearly_admitted(ours));
    let judge = || admit(received.organization_id(header.trace_id), policy.organization_id, policy.strict);
    match if is_clear { Ok(()) } else { judge() } {
        Ok(()) => Verdict::Continued { header, received },
        Err(reason) => Verdict::New(reason),
    }
}

/// Continues a `traceparent`. A sampling context beside it counts only if it names the same trace.
#[inline(never)]
fn continue_traceparent(
    found: &HeaderScan<'_>,
    parsed: Traceparent,
    header: SentryTrace,
    policy: Policy,
) -> Verdict {
    let received = CallerContext::of_lines(found, ContinuedFrom::Traceparent, header);
    let organization = received.organization_id(header.trace_id);
    if let Err(reason) = admit(organization, policy.organization_id, policy.strict) {
        return Verdict::New(reason);
    }
    let tracestate = tracestate::join(found.all(TraceHeaderName::Tracestate).map(HeaderValue::as_bytes));
    let is_needed = parsed.random || tracestate.is_some();
    let w3c = is_needed.then(|| Arc::new(W3cState { random: parsed.random, tracestate }));
    match received.adopted(header.trace_id) {
        AdoptedContext::Adopted => Verdict::Continued { header, received: received.with_w3c(w3c) },
        context => Verdict::Adopted { header, context, w3c },
    }
}

/// Returns the caller that the trace headers name, whether or not its trace will be continued.
pub(crate) fn caller_of(headers: &HeaderMap, policy: Policy) -> CallerHeaders {
    let found = HeaderScan::of(headers);
    let continued = match incoming_trace(&found, policy) {
        Ok(Incoming::Traceparent(_, header)) => Some(CallerSpan::from(header)),
        _ => None,
    };
    CallerHeaders::of(&found, continued)
}

enum Incoming {
    SentryTrace(SentryTrace),
    Traceparent(Traceparent, SentryTrace),
}

/// Returns the first valid `sentry-trace`, else an accepted `traceparent`.
#[inline]
fn incoming_trace(found: &HeaderScan<'_>, policy: Policy) -> Result<Incoming, NewTrace> {
    if let Some(header) = found.first {
        return Ok(Incoming::SentryTrace(header));
    }
    // `traceparent` is no list header: several lines count as none.
    if let (true, Lines::One(line)) = (policy.w3c.accept, found.traceparent) {
        let parsed = Traceparent::parse(line.as_bytes()).map_err(|_| NewTrace::MalformedHeader)?;
        let Traceparent { trace_id, span_id, sampled, .. } = parsed;
        let sampled = (sampled || policy.traceparent_unsampled).then_some(sampled);
        return Ok(Incoming::Traceparent(parsed, SentryTrace { trace_id, span_id, sampled }));
    }
    let is_there = found.sentry_trace.are_there() || policy.w3c.accept && found.traceparent.are_there();
    Err(if is_there { NewTrace::MalformedHeader } else { NewTrace::NoHeader })
}
