//! The dynamic sampling context of a trace that is continued.

use std::sync::{LazyLock, OnceLock};

use http::HeaderValue;
use memchr::memchr;
use memchr::memmem::Finder;

use super::{DynamicSamplingContext, Facts, Incoming};
use crate::continuation::{AdoptedContext, Continuation, TraceHeader};
use crate::dsn::OrganizationId;
use crate::id::TraceId;
use crate::sampling::SampleRand;

/// The key of the member that names the organization.
const ORGANIZATION: &[u8] = b"sentry-org_id";

static FIND_ORGANIZATION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(ORGANIZATION));

/// What came in with the header of a trace. It is looked into when somebody needs it, and only once: most requests of a
/// trace that nobody records call nobody else.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The line as it came; without any, or of several lines, what they say together.
    line: DynamicSamplingContext,
    header: TraceHeader,
    /// The caller's decision.
    sampled: Option<bool>,
    read: OnceLock<Read>,
}

#[derive(Debug, Clone)]
struct Read {
    /// The context, if it is not the line as it came.
    other: Option<Box<DynamicSamplingContext>>,
    adopted: AdoptedContext,
    /// The caller's number, or the one that it must have drawn if it did not send its own.
    sample_rand: Option<SampleRand>,
    has_sent_rand: bool,
}

impl Received {
    pub(crate) fn new(line: DynamicSamplingContext, header: TraceHeader, sampled: Option<bool>) -> Self {
        Self { line, header, sampled, read: OnceLock::new() }
    }

    pub(crate) fn continuation(&self, trace_id: TraceId) -> Continuation {
        Continuation::Continued { from: self.header, sampling_context: self.read(trace_id).adopted }
    }

    pub(crate) fn context(&self, trace_id: TraceId) -> &DynamicSamplingContext {
        self.read(trace_id).other.as_deref().unwrap_or(&self.line)
    }

    pub(crate) fn organization_id(&self, trace_id: TraceId) -> Option<OrganizationId> {
        self.look_into(trace_id).0.organization_id
    }

    /// Whether the caller's organization is `ours` or not named at all, as far as a glance can tell without looking at the
    /// other members: then one that is not strict continues it, whatever trace the members are of.
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
        self.read(trace_id).sample_rand.unwrap_or_else(|| SampleRand::of_trace(trace_id))
    }

    /// What this service adds to the context: nothing that the caller sent itself.
    pub(crate) fn added_rand(&self, trace_id: TraceId) -> Option<SampleRand> {
        let read = self.read(trace_id);
        read.sample_rand.filter(|_| !read.has_sent_rand)
    }

    fn read(&self, trace_id: TraceId) -> &Read {
        self.read.get_or_init(|| {
            let (Facts { sample_rand, .. }, other, adopted) = self.look_into(trace_id);
            let context = other.as_ref().unwrap_or(&self.line);
            let drawn = || SampleRand::backfilled(trace_id, context.sample_rate(), self.sampled);
            Read {
                adopted,
                sample_rand: sample_rand.or_else(drawn),
                has_sent_rand: sample_rand.is_some(),
                other: other.map(Box::new),
            }
        })
    }

    /// What the line says, the context if it is not the line as it came, and what becomes of it.
    fn look_into(&self, trace_id: TraceId) -> (Facts, Option<DynamicSamplingContext>, AdoptedContext) {
        let Some(line) = self.line.as_baggage() else {
            return (Facts::default(), None, AdoptedContext::Absent);
        };
        let (facts, other) = match Facts::of_ready(line) {
            Some(facts) => (facts, None),
            None => {
                let Incoming { context, facts } = Incoming::gather([line.as_bytes()].into_iter());
                (facts, Some(context))
            }
        };
        let names_this_trace = match facts.trace_id {
            Some(id) => id == Some(trace_id),
            None => self.header == TraceHeader::SentryTrace,
        };
        if other.as_ref().is_some_and(DynamicSamplingContext::is_empty) {
            (facts, other, AdoptedContext::Absent)
        } else if names_this_trace {
            (facts, other, AdoptedContext::Adopted)
        } else {
            let nothing = DynamicSamplingContext::default();
            (Facts::default(), Some(nothing), AdoptedContext::OfAnotherTrace)
        }
    }
}

impl DynamicSamplingContext {
    /// What a line says, which may still have to be cleaned.
    pub(crate) fn of_unread_line(line: HeaderValue) -> Self {
        Self { text: Some(line) }
    }
}
