//! The place where it is decided which header wins on the way in, and which headers are written on the way out.

use crate::carrier::{Extract, Inject};
use crate::continuation::{AdoptedContext, Continuation, NewTrace, TraceHeader, admit};
use crate::dsc::{DynamicSamplingContext, Incoming};
use crate::dsn::OrganizationId;
use crate::headers::{BAGGAGE, SENTRY_TRACE, TRACEPARENT};
use crate::id::{SpanId, TraceId};
use crate::wire::{SentryTrace, Traceparent, baggage};

/// Who is continued.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Policy {
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) strict: bool,
    pub(crate) accept_traceparent: bool,
    /// Whether flag 00 of an accepted `traceparent` means «not sampled»; Sentry's SDKs write it for deferred too.
    pub(crate) traceparent_unsampled: bool,
}

/// The trace and span that a header named: enough to know the header again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// What came in, judged.
#[derive(Debug)]
pub(crate) struct Extracted {
    pub(crate) continuation: Continuation,
    /// The header that came in, also if its trace is not continued.
    pub(crate) caller: Option<Caller>,
    /// Set if the trace is continued.
    pub(crate) sampled: Option<bool>,
    /// Empty unless the trace is continued.
    pub(crate) incoming: Incoming,
}

/// Reads a carrier. Bad input is never an error: it means a new trace, and a reason.
pub(crate) fn extract(carrier: &(impl Extract + ?Sized), policy: Policy) -> Extracted {
    let (header, from) = match incoming_trace(carrier, policy) {
        Ok(found) => found,
        Err(reason) => return start(reason, None),
    };
    let caller = Caller::of(header);
    let incoming = Incoming::read(carrier);
    let (incoming, sampling_context) = match (incoming.trace_id, from) {
        _ if incoming.context.is_empty() => (incoming, AdoptedContext::Absent),
        (Some(id), _) if id == Some(header.trace_id) => (incoming, AdoptedContext::Adopted),
        (None, TraceHeader::SentryTrace) => (incoming, AdoptedContext::Adopted),
        _ => (Incoming::default(), AdoptedContext::OfAnotherTrace),
    };
    match admit(incoming.organization_id, policy.organization_id, policy.strict) {
        Err(reason) => start(reason, Some(caller)),
        Ok(()) => Extracted {
            continuation: Continuation::Continued { from, sampling_context },
            caller: Some(caller),
            sampled: header.sampled,
            incoming,
        },
    }
}

/// Which span a carrier names as the caller, whether or not it will be continued.
pub(crate) fn caller_of(carrier: &(impl Extract + ?Sized), policy: Policy) -> Option<Caller> {
    incoming_trace(carrier, policy).ok().map(|(header, _)| Caller::of(header))
}

fn start(reason: NewTrace, caller: Option<Caller>) -> Extracted {
    Extracted {
        continuation: Continuation::New(reason),
        caller,
        sampled: None,
        incoming: Incoming::default(),
    }
}

/// The first valid `sentry-trace`, else an accepted `traceparent`.
fn incoming_trace(
    carrier: &(impl Extract + ?Sized),
    policy: Policy,
) -> Result<(SentryTrace, TraceHeader), NewTrace> {
    let (header, is_present) = sentry_trace(carrier);
    if let Some(header) = header {
        return Ok((header, TraceHeader::SentryTrace));
    }
    if policy.accept_traceparent {
        let mut lines = carrier.get_all(&TRACEPARENT);
        // It is no list header: several lines are as good as none.
        if let (Some(line), None) = (lines.next(), lines.next()) {
            let Traceparent { trace_id, span_id, sampled } =
                Traceparent::parse(line.as_bytes()).map_err(|_| NewTrace::MalformedHeader)?;
            let sampled = (sampled || policy.traceparent_unsampled).then_some(sampled);
            return Ok((SentryTrace { trace_id, span_id, sampled }, TraceHeader::Traceparent));
        }
    }
    Err(if is_present { NewTrace::MalformedHeader } else { NewTrace::NoHeader })
}

/// The first valid `sentry-trace`, and whether there is any such header.
fn sentry_trace(carrier: &(impl Extract + ?Sized)) -> (Option<SentryTrace>, bool) {
    let mut is_present = false;
    let header = carrier.get_all(&SENTRY_TRACE).find_map(|line| {
        is_present = true;
        SentryTrace::first_valid([line.as_bytes()].into_iter())
    });
    (header, is_present)
}

/// What became of an outgoing request's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outgoing {
    /// The trace headers were written.
    Injected {
        /// Sentry members that had to fall because the `baggage` would have grown beyond 8192 bytes or 64 members.
        fallen_members: usize,
    },
    /// None was written.
    Withheld(Withheld),
}

/// Why a request left without trace headers of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Its URL matches none of the trace propagation targets.
    NotATarget,
    /// It goes to the host of the DSN.
    SentryHost,
    /// It carries a `sentry-trace` that the application put there.
    AlreadyPresent,
}

/// What a request says about its trace before we write.
enum Existing {
    Nothing,
    /// Headers of the request that came in, copied by a proxy, or such that nobody could read.
    Stale,
    /// Headers that the application put there.
    OfApplication,
}

/// Writes the headers of a trace, unless the application wrote its own.
pub(crate) fn inject(
    carrier: &mut impl Inject,
    header: SentryTrace,
    context: &DynamicSamplingContext,
    caller: Option<Caller>,
    propagate_traceparent: bool,
) -> Outgoing {
    if let Existing::OfApplication = existing(carrier, caller) {
        return Outgoing::Withheld(Withheld::AlreadyPresent);
    }
    carrier.set(&SENTRY_TRACE, header.to_header_value());
    let fallen_members = write_baggage(carrier, context);
    if traceparent_is_stale(carrier, caller) {
        carrier.remove(&TRACEPARENT);
    }
    if propagate_traceparent && carrier.get_all(&TRACEPARENT).next().is_none() {
        carrier.set(&TRACEPARENT, header.to_traceparent().to_header_value());
    }
    Outgoing::Injected { fallen_members }
}

/// Takes the copied headers of the request that came in off a request that must not carry the trace.
pub(crate) fn withhold(carrier: &mut impl Inject, caller: Option<Caller>) {
    let Some(Caller { trace_id, .. }) = caller else {
        return;
    };
    let strip = match existing(carrier, caller) {
        Existing::OfApplication => return,
        Existing::Stale => true,
        Existing::Nothing => Incoming::read(carrier).trace_id == Some(Some(trace_id)),
    };
    if strip {
        carrier.remove(&SENTRY_TRACE);
        write_baggage(carrier, &DynamicSamplingContext::default());
    }
    if traceparent_is_stale(carrier, caller) {
        carrier.remove(&TRACEPARENT);
    }
}

fn existing(carrier: &impl Extract, caller: Option<Caller>) -> Existing {
    match sentry_trace(carrier) {
        (None, false) => Existing::Nothing,
        (None, true) => Existing::Stale,
        (Some(header), _) if caller == Some(Caller::of(header)) => Existing::Stale,
        (Some(_), _) => Existing::OfApplication,
    }
}

fn traceparent_is_stale(carrier: &impl Extract, caller: Option<Caller>) -> bool {
    let Some(caller) = caller else { return false };
    carrier
        .get_all(&TRACEPARENT)
        .filter_map(|line| Traceparent::parse(line.as_bytes()).ok())
        .any(|Traceparent { trace_id, span_id, .. }| caller == Caller { trace_id, span_id })
}

impl Caller {
    fn of(header: SentryTrace) -> Self {
        Self { trace_id: header.trace_id, span_id: header.span_id }
    }
}

/// Makes the `baggage` one line: members of others first and untouched, then ours. Returns how many of ours fell.
fn write_baggage(carrier: &mut impl Inject, context: &DynamicSamplingContext) -> usize {
    let lines: Vec<_> = carrier.get_all(&BAGGAGE).collect();
    if lines.is_empty() {
        let (context, fallen) = context.limited(0, 0);
        if let Some(text) = context.as_baggage() {
            carrier.set(&BAGGAGE, text.clone());
        }
        return fallen;
    }
    let (mut text, members) = baggage::foreign(lines.iter().map(|line| line.as_bytes()));
    let (context, fallen) = context.limited(text.len(), members);
    if let Some(ours) = context.as_baggage() {
        if members > 0 {
            text.push(b',');
        }
        text.extend_from_slice(ours.as_bytes());
    }
    drop(lines);
    let value = http::HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).ok();
    match value.filter(|value| !value.is_empty()) {
        Some(value) => carrier.set(&BAGGAGE, value),
        None => carrier.remove(&BAGGAGE),
    }
    fallen
}

impl SentryTrace {
    /// The same as a `traceparent`, which has one flag for «not sampled» and «deferred».
    pub(crate) fn to_traceparent(self) -> Traceparent {
        let Self { trace_id, span_id, sampled } = self;
        Traceparent { trace_id, span_id, sampled: sampled == Some(true) }
    }
}
