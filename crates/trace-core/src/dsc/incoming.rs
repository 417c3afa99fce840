//! The dynamic sampling context that came in, before it is known whether the trace is continued.

use std::collections::HashMap;

use http::{HeaderMap, HeaderValue};

use super::{DynamicSamplingContext, push_raw};
use crate::dsn::OrganizationId;
use crate::headers::Name;
use crate::id::TraceId;
use crate::sampling::SampleRand;
use crate::wire::baggage::{self, MAX_BYTES_READ, Member};

/// The Sentry members of the incoming `baggage`, and what this service itself reads in them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Incoming {
    pub(crate) context: DynamicSamplingContext,
    pub(crate) facts: Facts,
}

/// What this service itself reads in the members.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// The trace they name; the inner `None` is a text that is no id.
    pub(crate) trace_id: Option<Option<TraceId>>,
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) sample_rand: Option<SampleRand>,
}

impl Incoming {
    /// Reads the lines of `baggage`.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(Name::Baggage.header_name()).into_iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::default(),
            (Some(line), None) => Self::of_line(line),
            (Some(first), Some(second)) => {
                let lines: Vec<_> = [first, second].into_iter().chain(lines).collect();
                Self::gather(lines.iter().map(|line| line.as_bytes()))
            }
        }
    }

    /// Reads the only line.
    fn of_line(line: &HeaderValue) -> Self {
        match Facts::of_ready(line) {
            Some(facts) => Self { context: DynamicSamplingContext { text: Some(line.clone()) }, facts },
            None => Self::gather([line.as_bytes()].into_iter()),
        }
    }

    /// Builds the text anew from members of several lines, or with white space, properties, duplicates or foreign
    /// members between them.
    pub(super) fn gather<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut incoming = Self::default();
        let mut text = Vec::new();
        let forwarded: Vec<_> = baggage::members(lines)
            .filter(|member| baggage::is_octets(member.key))
            .filter_map(|member| {
                Some((member.sentry_name()?, member.key, baggage::forwardable(member.value)?))
            })
            .collect();
        // The last one of a name counts, where it stands.
        let last: HashMap<_, _> =
            forwarded.iter().enumerate().map(|(index, (name, ..))| (name, index)).collect();
        for (index, (name, key, value)) in forwarded.iter().enumerate() {
            if last.get(name) == Some(&index) {
                incoming.facts.note(name, value);
                push_raw(&mut text, &Member { key, value });
            }
        }
        incoming.context = DynamicSamplingContext::from_text(text);
        incoming
    }
}

impl Facts {
    /// Reads a line that can be forwarded as the very same value: nothing but plain members of Sentry's, each once.
    pub(super) fn of_ready(line: &HeaderValue) -> Option<Self> {
        if line.len() > MAX_BYTES_READ {
            return None;
        }
        let mut facts = Self::default();
        let (mut seen, mut may_repeat) = (0, false);
        for member in baggage::plain_members(line.as_bytes())? {
            let member = member?;
            let name = member.sentry_name()?;
            facts.note(name, member.value);
            let mark = 1u64 << mark(name);
            // Two names with the same mark may be equal.
            may_repeat |= seen & mark != 0;
            seen |= mark;
        }
        (!may_repeat || !has_repeated(line.as_bytes())).then_some(facts)
    }

    /// Notes what a member says. Inlined, since for most there is only a name to compare.
    #[inline(always)]
    fn note(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"trace_id" => self.trace_id = Some(TraceId::from_hex(value)),
            b"org_id" => self.organization_id = read(value, OrganizationId::parse),
            b"sample_rand" => self.sample_rand = read(value, SampleRand::parse),
            _ => {}
        }
    }
}

/// A number below 64 for a name, which names may share, though none of those that Sentry's document lists do.
fn mark(name: &[u8]) -> usize {
    let number = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    (3 * number(name.first()) + number(name.last()) + 2 * name.len()) % 64
}

/// Whether a line of plain members has a key twice.
fn has_repeated(line: &[u8]) -> bool {
    let mut keys: Vec<_> =
        baggage::plain_members(line).into_iter().flatten().flatten().map(|member| member.key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|neighbours| neighbours.first() == neighbours.last())
}

/// Reads a value that may be percent-encoded, though it need not be.
fn read<T>(value: &[u8], parse: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    parse(value).or_else(|| parse(baggage::decode(value)?.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn the_names_of_the_document_have_marks_of_their_own() {
        let names = "trace_id public_key sample_rate sampled sample_rand org_id environment release transaction \
                     replay_id";
        let mut marks: Vec<_> = names.split_ascii_whitespace().map(|name| mark(name.as_bytes())).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), 10);
        assert!(marks.iter().all(|mark| *mark < 64));
    }
}
