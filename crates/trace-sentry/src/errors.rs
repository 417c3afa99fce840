//! The link of errors to the trace: events that the official client captures while a context is current.

#[cfg(feature = "spotlight")]
use std::ops::Deref;
#[cfg(feature = "spotlight")]
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sentry_core::protocol::{Context, Event, SpanStatus, TraceContext as OfficialContext};
use sentry_core::{ClientOptions, Hub, Integration};
use trace_core::{TraceContext, map_current};

use crate::captured::CAPTURED;
use crate::coexistence;
use crate::cut::{MAX_TAG, MAX_TEXT, cut};
use crate::request_scope::RequestScope;
use crate::telemetry;

/// An integration that puts everything that a client captures on the current trace and span, on any hub and thread:
/// events, structured logs and metrics. Events also get the name of the transaction.
///
/// Add it to the options of `sentry::init`. The application's `before_send_log` and `before_send_metric` run afterwards,
/// so that they see the ids. Without the integration, [`SentrySink::tracer`](crate::SentrySink::tracer) links the events
/// of the main hub and of all hubs made from it, but no logs and metrics.
///
/// ```no_run
/// use trace_sentry::TraceIntegration;
///
/// let options = sentry::ClientOptions::new().traces_sample_rate(0.1).add_integration(TraceIntegration);
/// let _guard = sentry::init(options);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct TraceIntegration;

impl Integration for TraceIntegration {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn setup(&self, options: &mut ClientOptions) {
        telemetry::link_logs(options);
        telemetry::link_metrics(options);
    }

    fn process_event(&self, event: Event<'static>, _: &ClientOptions) -> Option<Event<'static>> {
        Some(link(event))
    }
}

/// Exists as long as a scope has the processor that links events, so that it has only one, however many sinks there are.
static LINKED: Mutex<Weak<()>> = Mutex::new(Weak::new());

/// Links the events of the main hub's scope, from which the hubs of threads and requests are made.
pub(crate) fn link_on_main_hub() {
    let mut linked = LINKED.lock().unwrap_or_else(PoisonError::into_inner);
    if linked.strong_count() > 0 {
        return;
    }
    let link_all = Arc::new(());
    *linked = Arc::downgrade(&link_all);
    Hub::main().configure_scope(|scope| {
        scope.add_event_processor(move |event| {
            let _kept = &link_all;
            Some(link(event))
        });
    });
}

/// Shows the events of the main hub's scope to a function.
#[cfg(feature = "spotlight")]
pub(crate) fn show_from_main_hub(show: impl Fn(&Event<'static>) + Send + Sync + 'static) {
    // A function that panics leaves nothing behind that anybody looks at.
    let show = AssertUnwindSafe(show);
    Hub::main().configure_scope(|scope| {
        scope.add_event_processor(move |event| {
            show.deref()(&event);
            Some(event)
        });
    });
}

/// Replaces the trace context that the client generated, if a context is current.
fn link(mut event: Event<'static>) -> Event<'static> {
    map_current(|current| {
        let Some(current) = current else { return };
        coexistence::look_at_event(&event);
        CAPTURED.remember(current.trace_id(), &event.exception);
        event.contexts.insert("trace".to_owned(), Context::Trace(Box::new(official(current))));
        if event.transaction.is_none() {
            event.transaction =
                current.transaction_name().map(|name| cut(name.as_str(), MAX_TEXT).to_owned());
        }
        // A task that took only the trace along is not on the hub of its request.
        if event.request.is_none() {
            event.request = current.sink_data().and_then(RequestScope::request_in);
        }
    });
    event
}

fn official(context: &TraceContext) -> OfficialContext {
    OfficialContext {
        trace_id: context.trace_id().to_bytes().into(),
        span_id: context.span_id().to_bytes().into(),
        parent_span_id: context.parent_span_id().map(|id| id.to_bytes().into()),
        op: context.operation().map(|operation| cut(&operation, MAX_TAG).to_owned()),
        status: context.status().and_then(|status| status.as_str().parse::<SpanStatus>().ok()),
        ..OfficialContext::default()
    }
}
