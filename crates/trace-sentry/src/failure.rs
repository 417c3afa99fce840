//! The events of errors and panics that a service did not handle.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use sentry_core::Hub;
use sentry_core::protocol::{Event, Exception, Level, Mechanism};
use trace_core::{CaughtPanics, TraceContext, map_current};

use crate::captured::CAPTURED;

/// Captures an error, unless it was captured. A panic of the error's own `Display`, or of a callback of the client, does not
/// change what the service answers.
pub(crate) fn capture_once(error: &(dyn Error + 'static)) {
    let _panicked = CaughtPanics::default().catch(|| capture(error));
}

fn capture(error: &(dyn Error + 'static)) {
    let mut event = sentry_core::event_from_error(error);
    let trace_id = map_current(|current| current.map(TraceContext::trace_id));
    let exceptions = event.exception.values.clone();
    if trace_id.is_some_and(|trace_id| CAPTURED.forget(trace_id, &exceptions)) {
        return;
    }
    if let Some(outermost) = event.exception.last_mut() {
        outermost.mechanism = Some(unhandled("tower"));
    }
    Hub::current().capture_event(event);
    // The event was remembered like any other. Nothing else captures it, but a further attempt may fail alike.
    if let Some(trace_id) = trace_id {
        CAPTURED.forget(trace_id, &exceptions);
    }
}

/// Captures a panic of the work, unless `sentry-panic` does, which acts before the unwinding.
pub(crate) fn capturing_panics<R>(work: impl FnOnce() -> R) -> R {
    // The panic goes on, so that nobody sees what it may have left broken.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let hub = Hub::current();
        let integrations = hub.client().map(|client| client.options().integrations.clone());
        if !integrations.into_iter().flatten().any(|integration| integration.name() == "panic") {
            let _panicked = CaughtPanics::default().catch(|| hub.capture_event(of_panic(&*payload)));
        }
        resume_unwind(payload)
    })
}

/// Returns the event that `sentry-panic` makes, as far as the payload tells.
fn of_panic(payload: &(dyn Any + Send)) -> Event<'static> {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let exception = Exception {
        ty: "panic".to_owned(),
        value: Some(text.unwrap_or("Box<Any>").to_owned()),
        mechanism: Some(unhandled("panic")),
        ..Exception::default()
    };
    Event { exception: vec![exception].into(), level: Level::Fatal, ..Event::default() }
}

fn unhandled(kind: &str) -> Mechanism {
    Mechanism { ty: kind.to_owned(), handled: Some(false), ..Mechanism::default() }
}
