//! The parent of outgoing work that leaves the process: requests, messages, child processes.

use std::borrow::Cow;

use crate::context::{Span, TraceContext, map_current};
use crate::propagation::{CallerHeaders, Inject};
use crate::tracer::Tracer;
use crate::wire::HeaderScan;

impl Tracer {
    /// Calls `work` with the context that outgoing work belongs to: the current one, else that of the
    /// [environment](Self::environment_trace), else a new trace for this work alone.
    ///
    /// If the tracer is [disabled](crate::TracerBuilder::enabled), the context is [suppressed](TraceContext::is_suppressed),
    /// also if another tracer has made it. No context is current within `work`, as in [`map_current`].
    pub fn map_parent<R>(&self, work: impl FnOnce(&TraceContext) -> R) -> R {
        map_current(|current| match current.or_else(|| self.environment_trace()) {
            Some(parent) if self.options.is_enabled => work(parent),
            Some(parent) => work(&parent.to_suppressed()),
            None => work(&self.start_new_trace()),
        })
    }

    /// Starts a span below that parent and writes its headers. Headers of an earlier attempt are replaced.
    pub(crate) fn start_span_into(
        &self,
        carrier: &mut impl Inject,
        operation: &'static str,
        description: Cow<'static, str>,
    ) -> Span {
        let span = self.map_parent(|parent| parent.start_span(operation, description));
        let mut context = span.context().clone();
        // Headers of an earlier attempt are as stale as those that a proxy copies.
        context.caller = CallerHeaders::of(&HeaderScan::of(&carrier.headers()), None);
        context.inject(carrier);
        span
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::TraceId;
    use crate::policy::{Continuation, NewTrace};

    #[test]
    fn the_parent_is_current_or_of_the_environment_or_new() {
        let bare = Tracer::builder().build().unwrap();
        let (current, environment) = (bare.start_new_trace(), bare.start_new_trace());
        let mut started_in_trace = Tracer::builder().build().unwrap();
        Arc::get_mut(&mut started_in_trace.options).unwrap().environment = Some(environment.clone());

        let table = [
            (&bare, None, None),
            (&bare, Some(&current), Some(current.trace_id())),
            (&started_in_trace, None, Some(environment.trace_id())),
            (&started_in_trace, Some(&current), Some(current.trace_id())),
        ];
        for (tracer, current, expected) in table {
            let parent = || tracer.map_parent(TraceContext::clone);
            let parents = [(); 2].map(|()| match current {
                Some(current) => current.scope(parent),
                None => parent(),
            });
            let traces = parents.each_ref().map(TraceContext::trace_id);
            match expected {
                Some(expected) => assert_eq!(traces, [expected; 2]),
                None => assert_new_and_apart(&parents, traces),
            }
        }
    }

    fn assert_new_and_apart(parents: &[TraceContext; 2], [first, second]: [TraceId; 2]) {
        assert_ne!(first, second);
        for parent in parents {
            assert_eq!(parent.continuation(), Continuation::New(NewTrace::Started));
        }
    }
}
