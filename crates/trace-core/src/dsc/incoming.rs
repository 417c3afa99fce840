//! The dynamic sampling context that came in, before it is known whether the trace is continued.

use http::HeaderValue;

use super::{DynamicSamplingContext, push_raw};
use crate::carrier::Extract;
use crate::dsn::OrganizationId;
use crate::id::TraceId;
use crate::sampling::{SampleRand, SampleRate};
use crate::wire::baggage::{self, Member};

/// The Sentry members of the incoming `baggage`, and what this service itself reads in them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Incoming {
    pub(crate) context: DynamicSamplingContext,
    /// The trace it names; the inner `None` is a text that is no id.
    pub(crate) trace_id: Option<Option<TraceId>>,
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) sample_rate: Option<SampleRate>,
    pub(crate) sample_rand: Option<SampleRand>,
}

impl Incoming {
    /// Reads the lines of `baggage` on a carrier.
    pub(crate) fn read(carrier: &(impl Extract + ?Sized)) -> Self {
        let mut lines = carrier.get_all(baggage::HEADER);
        let Some(first) = lines.next() else {
            return Self::default();
        };
        if lines.next().is_none() && is_ready(&first) {
            let mut incoming = Self::default();
            for member in baggage::members([first.as_bytes()].into_iter()).flatten() {
                incoming.note(&member);
            }
            incoming.context.text = Some(first.into_owned());
            return incoming;
        }
        Self::gather(carrier)
    }

    /// Builds the text anew from members of several lines, or with white space, properties, duplicates or foreign
    /// members between them.
    fn gather(carrier: &(impl Extract + ?Sized)) -> Self {
        let lines: Vec<_> = carrier.get_all(baggage::HEADER).collect();
        let mut incoming = Self::default();
        let mut text = String::new();
        let forwarded: Vec<_> = baggage::members(lines.iter().map(|line| line.as_bytes()))
            .flatten()
            .filter(|member| member.sentry_name().is_some() && baggage::is_octets(member.key))
            .filter_map(|member| Some((member, baggage::forwardable(member.value)?)))
            .collect();
        for (index, (member, value)) in forwarded.iter().enumerate() {
            let later = forwarded.get(index + 1..).unwrap_or_default();
            if later.iter().any(|(other, _)| other.key == member.key) {
                continue;
            }
            let member = Member { value, ..*member };
            incoming.note(&member);
            push_raw(&mut text, &member);
        }
        incoming.context = DynamicSamplingContext::from_text(text);
        incoming
    }

    fn note(&mut self, member: &Member<'_>) {
        let decoded = || baggage::decode(member.value);
        match member.sentry_name() {
            Some(b"trace_id") => self.trace_id = Some(TraceId::from_hex(member.value)),
            Some(b"org_id") => {
                self.organization_id = decoded().and_then(|text| OrganizationId::parse(text.as_bytes()));
            }
            Some(b"sample_rate") => self.sample_rate = decoded().and_then(|text| SampleRate::parse(&text)),
            Some(b"sample_rand") => self.sample_rand = decoded().and_then(|text| SampleRand::parse(&text)),
            _ => {}
        }
    }
}

/// Whether a line can be forwarded as the very same value: nothing but plain members of Sentry's, each once.
fn is_ready(line: &HeaderValue) -> bool {
    let mut seen = 0u64;
    let mut number = 0;
    let plain = baggage::members([line.as_bytes()].into_iter()).all(|member| {
        number += 1;
        member.is_some_and(|member| {
            // Two names with the same bit may be equal: then the slow way sorts it out.
            let bit = 1
                << (member
                    .key
                    .iter()
                    .fold(member.key.len(), |sum, byte| sum + usize::from(*byte))
                    % 64);
            let is_new = seen & bit == 0;
            seen |= bit;
            member.is_plain && member.sentry_name().is_some() && is_new
        })
    });
    plain && number == line.as_bytes().split(|byte| *byte == b',').count()
}
