//! The `trace` header of an envelope with an event.
//!
//! Source: Sentry's Trace Propagation document 1.9.0. The official client writes none.

use sentry_core::Envelope;
use sentry_core::protocol::{Context, Event};
use trace_core::map_current;

use crate::trace_header::TraceHeader;

/// Returns the sampling context of the event's trace as JSON, or `None` if the envelope has no event or a header of its
/// own. Call it on the thread that captured the event, where the context of the trace is current.
pub(super) fn header(envelope: &Envelope, public_key: &str) -> Option<String> {
    let event = envelope.event()?;
    let has_own =
        || serde_json::to_value(envelope.headers()).is_ok_and(|headers| headers.get("trace").is_some());
    if has_own() {
        return None;
    }
    let Some(Context::Trace(trace)) = event.contexts.get("trace") else { return None };
    let id = trace.trace_id.to_string();
    map_current(|current| match current.filter(|current| current.trace_id().to_string() == id) {
        Some(current) => serde_json::to_string(&TraceHeader {
            context: &current.dynamic_sampling_context(),
            trace_id: current.trace_id(),
            public_key: Some(public_key),
            own_rate: current.own_sample_rate(),
        }),
        None => serde_json::to_string(&of_unknown(event, &id, public_key)),
    })
    .ok()
}

/// Returns the context of a trace of which only the event is known.
fn of_unknown<'a>(event: &'a Event<'_>, id: &'a str, public_key: &'a str) -> impl serde::Serialize + use<'a> {
    let known = [
        Some(("trace_id", id)),
        Some(("public_key", public_key)),
        event.release.as_deref().map(|release| ("release", release)),
        event.environment.as_deref().map(|environment| ("environment", environment)),
    ];
    known.into_iter().flatten().collect::<std::collections::BTreeMap<_, _>>()
}
