//! Requests that both this project and `SentryHttpLayer` of `sentry-tower` record.
//!
//! The official layer tells nobody that it is there. What it records has an origin of its own, by which it is recognized
//! wherever it passes: on the scope of a request, in an event, and in our transport.

use std::sync::atomic::{AtomicU8, Ordering};

use sentry_core::Scope;
use sentry_core::protocol::{Context, Event, Transaction};
use trace_core::FinishedSpan;

/// The origin of the transactions of `SentryHttpLayer`.
const OFFICIAL: &str = "auto.http.tower";

/// Our own layer has recorded a request.
const BY_US: u8 = 1;
/// The official layer has recorded a request.
const BY_OFFICIAL: u8 = 2;

static SEEN: AtomicU8 = AtomicU8::new(0);

/// Looks at a service span of ours that has ended.
pub(crate) fn look_at_ended(span: &FinishedSpan) {
    if span.operation.ends_with(".server") {
        saw(BY_US);
    }
}

/// Looks at the scope of a request when its service span has ended.
pub(crate) fn look_at_scope(scope: &Scope) {
    if scope.get_span().is_some_and(|span| is_official(span.get_trace_context().origin.as_deref())) {
        saw(BY_OFFICIAL);
    }
}

/// Looks at the trace context that the client gave to an event.
pub(crate) fn look_at_event(event: &Event<'_>) {
    if origin(event.contexts.get("trace")).is_some_and(|origin| is_official(Some(origin))) {
        saw(BY_OFFICIAL);
    }
}

/// Looks at a transaction that the official client sends.
#[cfg_attr(not(feature = "transport"), expect(dead_code, reason = "only our transport sees them"))]
pub(crate) fn look_at_sent(transaction: &Transaction<'_>) {
    if is_official(origin(transaction.contexts.get("trace"))) {
        saw(BY_OFFICIAL);
    }
}

fn origin(trace: Option<&Context>) -> Option<&str> {
    match trace {
        Some(Context::Trace(trace)) => trace.origin.as_deref(),
        _ => None,
    }
}

fn is_official(origin: Option<&str>) -> bool {
    origin == Some(OFFICIAL)
}

fn saw(which: u8) {
    const BOTH: u8 = BY_US | BY_OFFICIAL;
    // The value changes at most twice, so that requests usually only read it.
    if SEEN.load(Ordering::Relaxed) & which == 0 {
        let before = SEEN.fetch_or(which, Ordering::Relaxed);
        if before & which == 0 && before | which == BOTH {
            tell();
        }
    }
}

#[expect(clippy::print_stderr, reason = "both halves are sent, so that nothing else would tell of it")]
fn tell() {
    eprintln!(
        "trace-sentry: each request is recorded twice, by TraceServerLayer and by SentryHttpLayer of sentry-tower. \
         Remove SentryHttpLayer, or its enable_transaction."
    );
}
