//! The dynamic sampling context that came in, before it is known whether the trace is continued.

use std::collections::HashMap;

use http::HeaderValue;
use smallvec::SmallVec;

use super::name::KnownName;
use super::writers::{self, Sent};
use super::{DynamicSamplingContext, push_raw};
use crate::id::{OrganizationId, TraceId};
use crate::policy::{AdoptedContext, SampleRand};
use crate::wire::baggage::{self, MAX_BYTES_READ, MAX_MEMBERS_READ, Member, SENTRY_PREFIX};

/// The members of a context that this service reads itself. An inner `None` is a text that cannot be parsed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct SentryMembers {
    /// The trace that the members name.
    pub(crate) trace_id: Option<Option<TraceId>>,
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) sample_rand: Option<Option<SampleRand>>,
}

/// The context of a trace, parsed from the incoming lines.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ParsedBaggage {
    /// The context; `None` if it is the incoming line unchanged.
    pub(crate) context: Option<DynamicSamplingContext>,
    pub(crate) facts: SentryMembers,
    pub(crate) adopted: AdoptedContext,
}

impl ParsedBaggage {
    /// Parses the only line. A context that names no trace counts as that of the header if `may_lack_id`.
    pub(super) fn of_line(line: &HeaderValue, trace_id: TraceId, may_lack_id: bool) -> Self {
        match SentryMembers::of_ready(line) {
            Some(facts) if !facts.name(trace_id, may_lack_id) => Self::of_another_trace(),
            Some(facts) => Self { context: None, facts, adopted: AdoptedContext::Adopted },
            None => Self::gather([line.as_bytes()].into_iter(), trace_id, may_lack_id),
        }
    }

    /// Rebuilds the text from members of several lines, or from members with white space, properties, duplicates or
    /// other vendors' members between them.
    pub(super) fn gather<'a>(
        lines: impl Iterator<Item = &'a [u8]>,
        trace_id: TraceId,
        may_lack_id: bool,
    ) -> Self {
        let members: Vec<_> = baggage::numbered_members(lines)
            .filter_map(|(line, member)| {
                let value = baggage::forwardable(member.value)?;
                Some(Sent { line, name: member.sentry_name()?, key: member.key, value })
            })
            .collect();
        if members.is_empty() {
            return Self { context: Some(DynamicSamplingContext::default()), ..Self::default() };
        }
        let members = writers::of_trace(members, trace_id);
        // Of several members of a name, the last one counts, at its own position.
        let last: HashMap<_, _> =
            members.iter().enumerate().map(|(index, member)| (member.name, index)).collect();
        let (mut text, mut facts) = (Vec::new(), SentryMembers::default());
        for (index, Sent { name, key, value, .. }) in members.iter().enumerate() {
            if last.get(name) == Some(&index) {
                KnownName::of(name).into_iter().for_each(|name| facts.note(name, value));
                push_raw(&mut text, &Member { key, value });
            }
        }
        if members.is_empty() || !facts.name(trace_id, may_lack_id) {
            return Self::of_another_trace();
        }
        let context = Some(DynamicSamplingContext::from_text(text));
        Self { context, facts, adopted: AdoptedContext::Adopted }
    }

    fn of_another_trace() -> Self {
        let context = Some(DynamicSamplingContext::default());
        Self { context, facts: SentryMembers::default(), adopted: AdoptedContext::OfAnotherTrace }
    }
}

/// The usual maximum number of members. Up to this number, their names are compared on the stack.
const USUAL_MEMBERS: usize = 16;

impl SentryMembers {
    /// Parses a line that can be forwarded unchanged: it is within the limits on reading and has only plain members of
    /// Sentry's, each once.
    fn of_ready(line: &HeaderValue) -> Option<Self> {
        if line.len() > MAX_BYTES_READ {
            return None;
        }
        let (mut facts, mut names) = (Self::default(), SmallVec::<[&[u8]; USUAL_MEMBERS]>::new());
        for member in baggage::plain_members(line.as_bytes())? {
            let member = member.filter(|_| names.len() < MAX_MEMBERS_READ)?;
            let name = member.key.strip_prefix(SENTRY_PREFIX)?;
            match KnownName::of(name) {
                Some(known) => facts.note(known, member.value),
                // A known name is a token.
                None => drop(member.sentry_name()?),
            }
            names.push(name);
        }
        // To compare lengths before texts saves 675 of the row `gateway`.
        names.sort_unstable_by_key(|name| (name.len(), *name));
        let is_repeated = names.windows(2).any(|neighbours| neighbours.first() == neighbours.last());
        (!is_repeated).then_some(facts)
    }

    /// Notes the value of a member. Most members need only a comparison of the name: to inline that saves 145 of the row
    /// `gateway`.
    #[inline(always)]
    fn note(&mut self, name: KnownName, value: &[u8]) {
        match name {
            KnownName::TraceId => self.trace_id = Some(baggage::read(value, TraceId::from_hex)),
            KnownName::OrganizationId => self.organization_id = baggage::read(value, OrganizationId::parse),
            KnownName::SampleRand => self.sample_rand = Some(baggage::read(value, SampleRand::parse)),
            _ => {}
        }
    }

    /// Returns whether the members name this trace. Members without a trace id do so if `may_lack_id`.
    fn name(&self, trace_id: TraceId, may_lack_id: bool) -> bool {
        self.trace_id.map_or(may_lack_id, |id| id == Some(trace_id))
    }
}
