//! Which members of `baggage` are of one sampling context, if several services wrote into it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::name::KnownName;
use crate::id::TraceId;

/// A member of Sentry's as it may be sent on.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    /// The number of its line.
    pub(super) line: usize,
    pub(super) name: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) value: Cow<'a, [u8]>,
}

impl Sent<'_> {
    /// The trace that it names, if that is what it is for. The inner `None` is a text that is no id.
    fn trace_id(&self) -> Option<Option<TraceId>> {
        (KnownName::of(self.name) == Some(KnownName::TraceId)).then(|| TraceId::from_hex(&self.value))
    }
}

/// The members of the context of a trace.
///
/// One writer may have used several lines, and written a name twice on one of them. That there were several shows a second
/// trace, or a name that stands on two lines although a trace is named. Then a context is what stands on one line, and with
/// several traces what stands there up to the first name that comes again. The first context that names the trace counts;
/// what names none is nobody's, since it could be anybody's.
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

/// Whether a name stands on two lines.
fn is_on_two_lines(members: &[Sent<'_>]) -> bool {
    let mut lines = HashMap::new();
    members.iter().any(|member| *lines.entry(member.name).or_insert(member.line) != member.line)
}

/// Splits the members at the end of each line, and if a line may hold several contexts, in front of a name that comes again.
/// The next context of a line may have begun before that, so that what it does not repeat could be of either: it is dropped.
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
