//! The link of errors to the trace: events that the official client captures while a context is current.

use sentry_core::protocol::{Context, Event, TraceContext as OfficialContext};
use sentry_core::{ClientOptions, Hub, Integration};
use trace_core::{TraceContext, map_current};

/// An integration that gives every event of a client the current trace and span, on any hub and thread.
///
/// [`SentrySink::tracer`](crate::SentrySink::tracer) does the same for the main hub and all hubs made from it. If you
/// make hubs in another way, add this integration to the options of `sentry::init`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TraceIntegration;

impl Integration for TraceIntegration {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn process_event(&self, event: Event<'static>, _: &ClientOptions) -> Option<Event<'static>> {
        Some(link(event))
    }
}

/// Links the events of the main hub's scope, from which the hubs of threads and requests are made.
pub(crate) fn link_on_main_hub() {
    Hub::main().configure_scope(|scope| {
        scope.add_event_processor(|event| Some(link(event)));
    });
}

/// Copies the events of the main hub's scope to Spotlight.
#[cfg(feature = "spotlight")]
pub(crate) fn copy_from_main_hub(spotlight: crate::spotlight::Pipeline) {
    Hub::main().configure_scope(|scope| {
        scope.add_event_processor(move |event| {
            spotlight.put_event(event.clone());
            Some(event)
        });
    });
}

/// Replaces the trace context that the client generated, if a context is current.
fn link(mut event: Event<'static>) -> Event<'static> {
    if let Some(context) = map_current(|current| current.map(official)) {
        event.contexts.insert("trace".to_owned(), Context::Trace(Box::new(context)));
    }
    event
}

fn official(context: &TraceContext) -> OfficialContext {
    OfficialContext {
        trace_id: context.trace_id().to_bytes().into(),
        span_id: context.span_id().to_bytes().into(),
        parent_span_id: context.parent_span_id().map(|id| id.to_bytes().into()),
        ..OfficialContext::default()
    }
}
