//! The dynamic sampling context of a trace that is continued.

use std::sync::{Arc, LazyLock, OnceLock};

use http::HeaderValue;
use memchr::memchr;
use memchr::memmem::Finder;

use super::DynamicSamplingContext;
use super::parsed::ParsedBaggage;
use crate::id::{OrganizationId, TraceId};
use crate::policy::{AdoptedContext, Continuation, ContinuedFrom, SampleRand};
use crate::wire::names::TraceHeaderName;
use crate::wire::tracestate::W3cState;
use crate::wire::{HeaderScan, SentryTrace};

/// The key of the member that names the organization.
const ORGANIZATION: &[u8] = b"sentry-org_id";

static FIND_ORGANIZATION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ORGANIZATION));

/// The context that came in with the header of a trace. It is parsed only once, when it is first needed: most requests
/// of a trace that is not recorded make no calls.
#[derive(Debug, Clone)]
pub(crate) struct CallerContext {
    /// The line that came in. It is empty if none came in, and the combined context if there were several lines.
    line: DynamicSamplingContext,
    header: ContinuedFrom,
    /// The caller's decision.
    sampled: Option<bool>,
    w3c: Option<Arc<W3cState>>,
    read: OnceLock<Read>,
}

#[derive(Debug, Clone)]
struct Read {
    /// The context, if it differs from the line that came in.
    other: Option<Box<DynamicSamplingContext>>,
    adopted: AdoptedContext,
    sample_rand: SampleRand,
    /// `true` if the number is sent on although the caller sent none that can be read.
    adds_rand: bool,
}

impl CallerContext {
    /// Returns the context of a caller that sent only the header.
    pub(crate) fn empty(sampled: Option<bool>) -> Self {
        Self::new(DynamicSamplingContext::default(), ContinuedFrom::SentryTrace, sampled)
    }

    /// Returns the context of a caller that sent one line of `baggage`, which is not parsed yet.
    pub(crate) fn of_line(line: HeaderValue, header: ContinuedFrom, sampled: Option<bool>) -> Self {
        Self::new(DynamicSamplingContext { text: Some(line) }, header, sampled)
    }

    /// Returns the context of a caller that sent any number of lines, which are parsed at once.
    pub(crate) fn of_lines(found: &HeaderScan<'_>, header: ContinuedFrom, trace: SentryTrace) -> Self {
        let lines = found.all(TraceHeaderName::Baggage).map(HeaderValue::as_bytes);
        let may_lack_id = header == ContinuedFrom::SentryTrace;
        let mut read = ParsedBaggage::gather(lines, trace.trace_id, may_lack_id);
        let received = Self::new(read.context.take().unwrap_or_default(), header, trace.sampled);
        let read = received.conclude(read, trace.trace_id);
        Self { read: OnceLock::from(read), ..received }
    }

    fn new(line: DynamicSamplingContext, header: ContinuedFrom, sampled: Option<bool>) -> Self {
        Self { line, header, sampled, w3c: None, read: OnceLock::new() }
    }

    /// Adds the other values of an accepted `traceparent`.
    pub(crate) fn with_w3c(self, w3c: Option<Arc<W3cState>>) -> Self {
        Self { w3c, ..self }
    }

    pub(crate) fn w3c(&self) -> Option<&W3cState> {
        self.w3c.as_deref()
    }

    pub(crate) fn continuation(&self, trace_id: TraceId) -> Continuation {
        Continuation::Continued { from: self.header, sampling_context: self.adopted(trace_id) }
    }

    pub(crate) fn adopted(&self, trace_id: TraceId) -> AdoptedContext {
        self.read(trace_id).adopted
    }

    pub(crate) fn context(&self, trace_id: TraceId) -> &DynamicSamplingContext {
        self.read(trace_id).other.as_deref().unwrap_or(&self.line)
    }

    pub(crate) fn organization_id(&self, trace_id: TraceId) -> Option<OrganizationId> {
        self.look_into(trace_id).facts.organization_id
    }

    /// Returns whether the caller's organization is `ours` or not named, judged without parsing the other members. If
    /// so, a service that is not strict continues the caller, whichever trace the members name.
    pub(crate) fn is_clearly_admitted(&self, ours: OrganizationId) -> bool {
        let Some(line) = self.line.as_baggage().map(HeaderValue::as_bytes) else { return true };
        let Some((before, member)) = FIND_ORGANIZATION.find(line).and_then(|at| line.split_at_checked(at))
        else {
            return true;
        };
        let Some(value) = member.strip_prefix(ORGANIZATION).and_then(|rest| rest.strip_prefix(b"=")) else {
            return false;
        };
        let (value, after) = value.split_at(memchr(b',', value).unwrap_or(value.len()));
        matches!(before, [] | [.., b','])
            && OrganizationId::parse(value) == Some(ours)
            && FIND_ORGANIZATION.find(after).is_none()
    }

    pub(crate) fn sample_rand(&self, trace_id: TraceId) -> SampleRand {
        self.read(trace_id).sample_rand
    }

    /// Returns the number if this service adds it to the context. A valid number of the caller's is never replaced.
    pub(crate) fn added_rand(&self, trace_id: TraceId) -> Option<SampleRand> {
        let read = self.read(trace_id);
        read.adds_rand.then_some(read.sample_rand)
    }

    fn read(&self, trace_id: TraceId) -> &Read {
        self.read.get_or_init(|| self.conclude(self.look_into(trace_id), trace_id))
    }

    /// Adds the number that the caller must have drawn if it did not send its own. A text that is not a number is
    /// always replaced.
    fn conclude(&self, read: ParsedBaggage, trace_id: TraceId) -> Read {
        let ParsedBaggage { context, facts, adopted } = read;
        let drawn = || {
            let rate = context.as_ref().unwrap_or(&self.line).sample_rate();
            SampleRand::backfilled(trace_id, rate, self.sampled)
        };
        let any = || SampleRand::of_trace(trace_id);
        let (sample_rand, adds_rand) = match facts.sample_rand {
            Some(Some(sent)) => (sent, false),
            Some(None) => (drawn().unwrap_or_else(any), true),
            None => drawn().map_or_else(|| (any(), false), |drawn| (drawn, true)),
        };
        Read { other: context.map(Box::new), adopted, sample_rand, adds_rand }
    }

    fn look_into(&self, trace_id: TraceId) -> ParsedBaggage {
        match self.line.as_baggage() {
            Some(line) => ParsedBaggage::of_line(line, trace_id, self.header == ContinuedFrom::SentryTrace),
            None => ParsedBaggage::default(),
        }
    }
}
