//! The place where it is decided which header wins on the way in, and which headers are written on the way out.

use http::HeaderMap;

use crate::carrier::Inject;
use crate::continuation::{NewTrace, TraceHeader, admit};
use crate::dsc::{DynamicSamplingContext, Incoming, Received};
use crate::dsn::OrganizationId;
use crate::headers::Name;
use crate::id::{SpanId, TraceId};
use crate::trace_headers::{Lines, TraceHeaders};
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
pub(crate) enum Extracted {
    /// The caller's trace goes on.
    Continued { header: SentryTrace, received: Received },
    /// A trace starts. The header that came in is kept, if there is one.
    New { reason: NewTrace, caller: Option<Caller> },
}

/// Reads headers. Bad input is never an error: it means a new trace, and a reason.
#[inline]
pub(crate) fn extract(headers: &HeaderMap, policy: Policy) -> Extracted {
    let found = TraceHeaders::of(headers);
    let (header, from) = match incoming_trace(&found, policy) {
        Ok(found) => found,
        Err(reason) => return Extracted::New { reason, caller: None },
    };
    let line = match found.baggage {
        Lines::None => DynamicSamplingContext::default(),
        Lines::One(line) => DynamicSamplingContext::of_unread_line(line.clone()),
        Lines::Several => Incoming::read(headers).context,
    };
    let received = Received::new(line, from, header.sampled);
    let is_clear =
        !policy.strict && policy.organization_id.is_none_or(|ours| received.is_clearly_admitted(ours));
    let judge = || admit(received.organization_id(header.trace_id), policy.organization_id, policy.strict);
    match if is_clear { Ok(()) } else { judge() } {
        Ok(()) => Extracted::Continued { header, received },
        Err(reason) => Extracted::New { reason, caller: Some(Caller::of(header)) },
    }
}

/// Which span headers name as the caller, whether or not it will be continued.
pub(crate) fn caller_of(headers: &HeaderMap, policy: Policy) -> Option<Caller> {
    incoming_trace(&TraceHeaders::of(headers), policy).ok().map(|(header, _)| Caller::of(header))
}

/// The first valid `sentry-trace`, else an accepted `traceparent`.
fn incoming_trace(
    headers: &TraceHeaders<'_>,
    policy: Policy,
) -> Result<(SentryTrace, TraceHeader), NewTrace> {
    if let Some(header) = headers.sentry_trace {
        return Ok((header, TraceHeader::SentryTrace));
    }
    // It is no list header: several lines are as good as none.
    if let (true, Lines::One(line)) = (policy.accept_traceparent, headers.traceparent) {
        let Traceparent { trace_id, span_id, sampled } =
            Traceparent::parse(line.as_bytes()).map_err(|_| NewTrace::MalformedHeader)?;
        let sampled = (sampled || policy.traceparent_unsampled).then_some(sampled);
        return Ok((SentryTrace { trace_id, span_id, sampled }, TraceHeader::Traceparent));
    }
    Err(if headers.has_sentry_trace { NewTrace::MalformedHeader } else { NewTrace::NoHeader })
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
    /// There are trace propagation targets, and nothing tells to which host the request goes: its URI names none, and its
    /// `Host` header neither.
    UnknownHost,
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
    let headers = carrier.headers();
    let found = TraceHeaders::of(&headers);
    if let Existing::OfApplication = Existing::of(&found, caller) {
        return Outgoing::Withheld(Withheld::AlreadyPresent);
    }
    let (has_baggage, has_traceparent) = (found.baggage.are_there(), found.traceparent.are_there());
    let is_stale = has_traceparent && traceparent_is_stale(&headers, caller);
    drop(headers);
    carrier.set(Name::SentryTrace, header.to_header_value());
    let fallen_members = if has_baggage {
        join_baggage(carrier, context)
    } else {
        let (context, fallen) = context.limited(0, 0);
        if let Some(text) = context.as_baggage() {
            carrier.set(Name::Baggage, text.clone());
        }
        fallen
    };
    if is_stale {
        carrier.remove(Name::Traceparent);
    }
    if propagate_traceparent && (is_stale || !has_traceparent) {
        carrier.set(Name::Traceparent, header.to_traceparent().to_header_value());
    }
    Outgoing::Injected { fallen_members }
}

/// Takes the copied headers of the request that came in off a request that must not carry the trace.
pub(crate) fn withhold(carrier: &mut impl Inject, caller: Option<Caller>) {
    let Some(Caller { trace_id, .. }) = caller else {
        return;
    };
    let headers = carrier.headers();
    let found = TraceHeaders::of(&headers);
    let has_baggage = found.baggage.are_there();
    let strip = match Existing::of(&found, caller) {
        Existing::OfApplication => return,
        Existing::Stale => true,
        Existing::Nothing => has_baggage && Incoming::read(&headers).facts.trace_id == Some(Some(trace_id)),
    };
    let is_stale = found.traceparent.are_there() && traceparent_is_stale(&headers, caller);
    drop(headers);
    if strip {
        carrier.remove(Name::SentryTrace);
        if has_baggage {
            join_baggage(carrier, &DynamicSamplingContext::default());
        }
    }
    if is_stale {
        carrier.remove(Name::Traceparent);
    }
}

impl Existing {
    fn of(headers: &TraceHeaders<'_>, caller: Option<Caller>) -> Self {
        match headers.sentry_trace {
            None if !headers.has_sentry_trace => Self::Nothing,
            None => Self::Stale,
            Some(header) if caller == Some(Caller::of(header)) => Self::Stale,
            Some(_) => Self::OfApplication,
        }
    }
}

fn traceparent_is_stale(headers: &HeaderMap, caller: Option<Caller>) -> bool {
    let Some(caller) = caller else { return false };
    headers
        .get_all(Name::Traceparent.header_name())
        .into_iter()
        .filter_map(|line| Traceparent::parse(line.as_bytes()).ok())
        .any(|Traceparent { trace_id, span_id, .. }| caller == Caller { trace_id, span_id })
}

impl Caller {
    pub(crate) fn of(header: SentryTrace) -> Self {
        Self { trace_id: header.trace_id, span_id: header.span_id }
    }
}

/// Makes the lines of `baggage` one: members of others first and untouched, then ours. Returns how many of ours fell.
fn join_baggage(carrier: &mut impl Inject, context: &DynamicSamplingContext) -> usize {
    let headers = carrier.headers();
    let lines = headers.get_all(Name::Baggage.header_name()).into_iter();
    let (mut text, members) = baggage::foreign(lines.map(|line| line.as_bytes()));
    let (context, fallen) = context.limited(text.len(), members);
    if let Some(ours) = context.as_baggage() {
        if members > 0 {
            text.push(b',');
        }
        text.extend_from_slice(ours.as_bytes());
    }
    drop(headers);
    let value = http::HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).ok();
    match value.filter(|value| !value.is_empty()) {
        Some(value) => carrier.set(Name::Baggage, value),
        None => carrier.remove(Name::Baggage),
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
