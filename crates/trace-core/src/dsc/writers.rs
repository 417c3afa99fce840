//! The choice of the members of one sampling context, if several services wrote into `baggage`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::name::KnownName;
use crate::id::TraceId;
use crate::wire::baggage;

/// A member of Sentry's in the form in which it may be sent on.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    /// The number of its line.
    pub(super) line: usize,
    pub(super) name: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) value: Cow<'a, [u8]>,
}

impl Sent<'_> {
    /// Returns the trace that the member names, if it is a `trace_id`. An inner `None` is a text that is no id.
    fn trace_id(&self) -> Option<Option<TraceId>> {
        (KnownName::of(self.name) == Some(KnownName::TraceId))
            .then(|| baggage::read(&self.value, TraceId::from_hex))
    }
}

/// Returns the members of the context of a trace.
///
/// A single writer may use several lines, and may repeat a name on one line. Several writers are assumed if the
/// members name more than one trace, or if they name a trace and a name is on two lines. In that case each line is a
/// context of its own. If there are several traces, a repeated name within a line also begins a context. The first
/// context that names the trace is used. A context that names no trace is dropped, since its writer is unknown.
pub(super) fn of_trace(members: Vec<Sent<'_>>, trace_id: TraceId) -> Vec<Sent<'_>> {
    let traces: HashSet<_> = members.iter().filter_map(Sent::trace_id).collect();
    let has_several_traces = traces.len() > 1;
    if !has_several_traces && (traces.is_empty() || !is_on_two_lines(&members)) {
        return members;
    }
    let mut contexts = split(members, has_several_traces).into_iter();
    let is_of_trace =
        |context: &Vec<Sent<'_>>| context.iter().any(|member| member.trace_id() == Some(Some(trace_id)));
    contexts.find(is_of_trace).unwrap_or_default()
}

/// Returns whether a name is on two lines.
fn is_on_two_lines(members: &[Sent<'_>]) -> bool {
    let mut lines = HashMap::new();
    members.iter().any(|member| *lines.entry(member.name).or_insert(member.line) != member.line)
}

/// Splits the members at the end of each line and, if a line may hold several contexts, before a repeated name. The
/// next context of a line may have begun earlier. The last members before it that it does not repeat could belong to
/// either context, so they are dropped.
fn split(members: Vec<Sent<'_>>, within_lines: bool) -> Vec<Vec<Sent<'_>>> {
    let mut contexts: Vec<Vec<Sent<'_>>> = Vec::new();
    let mut names = HashSet::new();
    for member in members {
        let last = contexts.last().and_then(|context| context.last());
        let is_same_line = last.is_some_and(|last| last.line == member.line);
        if !is_same_line || (within_lines && names.contains(member.name)) {
            contexts.push(Vec::new());
            names.clear();
        }
        names.insert(member.name);
        if let Some(context) = contexts.last_mut() {
            context.push(member);
        }
    }
    for place in 1..contexts.len() {
        if let (before, [next, ..]) = contexts.split_at_mut(place)
            && let Some(context) = before.last_mut()
        {
            let line = next.first().map(|first| first.line);
            let repeated: HashSet<_> = next.iter().map(|member| member.name).collect();
            let is_unclear = |last: &mut Sent<'_>| Some(last.line) == line && !repeated.contains(last.name);
            while context.pop_if(is_unclear).is_some() {}
        }
    }
    contexts
}
