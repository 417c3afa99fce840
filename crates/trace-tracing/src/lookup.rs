//! The data of ours in the extensions of a span.

use trace_core::{SharedSpan, SpanId, TraceContext, map_current};
use tracing_core::span::Id;
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::presence;
use crate::traced_span::TracedSpan;

/// Looks at the data of a span.
#[inline]
pub(crate) fn look<S, R>(id: &Id, context: &Context<'_, S>, look: impl FnOnce(&TracedSpan) -> R) -> Option<R>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let in_extensions = || {
        let span = context.span(id)?;
        let extensions = span.extensions();
        extensions.get::<TracedSpan>().map(look)
    };
    presence::may_have_data(id).then(in_extensions).flatten()
}

/// Returns the data of a span, whichever layer made it.
#[inline]
pub(crate) fn find<S>(id: &Id, context: &Context<'_, S>) -> Option<SharedSpan>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    look(id, context, |traced| traced.span().clone())
}

/// Returns the span that a program names as the parent of a new one, or the nearest one round it if a filter refused that.
///
/// Spans without data may also be of another trace, which is not recorded, so the nearest one counts only where nothing else
/// is current. Nothing is found where tracing is suppressed.
pub(crate) fn named_parent<S>(parent: &Id, id: &Id, context: &Context<'_, S>) -> Option<SharedSpan>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if let Some(named) = find(parent, context) {
        let is_suppressed = map_current(|current| current.is_some_and(TraceContext::is_suppressed));
        return (!is_suppressed).then_some(named);
    }
    let current = map_current(|current| current.map(service));
    if matches!(current, Some(None)) {
        // What is current is not recorded.
        return None;
    }
    // A filter of the subscriber hides the named one, but not what is round it.
    let nearest = context.span_scope(id)?.skip(1).find_map(|span| data(&span))?;
    current.is_none_or(|current| current == service(nearest.context())).then_some(nearest)
}

/// Returns whether a span belongs to the service span that is current.
pub(crate) fn is_of_current_service(span: &SharedSpan) -> bool {
    map_current(|current| current.and_then(service)) == service(span.context())
}

/// Returns the id of the service span of a context; `None` if nothing is recorded.
fn service(context: &TraceContext) -> Option<SpanId> {
    context.service_span().map(|service_span| service_span.span_id())
}

/// Returns the data of a span in a scope.
fn data<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<SharedSpan> {
    span.extensions().get::<TracedSpan>().map(|traced| traced.span().clone())
}

/// Returns the data of the nearest span with data in the scope of an event: that of its explicit parent, or the one that is
/// entered on this thread.
pub(crate) fn nearest<S>(event: &Event<'_>, context: &Context<'_, S>) -> Option<SharedSpan>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    context.event_scope(event)?.find_map(|span| data(&span))
}
