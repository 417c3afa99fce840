//! The data of ours in the extensions of a span.

use trace_core::SharedSpan;
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

/// Returns the data of a span in a scope.
pub(crate) fn data<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<SharedSpan> {
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
