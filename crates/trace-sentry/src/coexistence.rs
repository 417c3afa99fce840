//! Layers of the official client that record what this project records, too.
//!
//! They tell nobody that they are there. What they record has an origin of its own, by which it is recognized wherever it
//! passes: on the scope of a request, in an event, and in our transport.

use std::sync::atomic::{AtomicU8, Ordering};

use sentry_core::Scope;
use sentry_core::protocol::{Context, Event, Transaction};
use trace_core::FinishedSpan;

/// Our own layer has recorded a request.
const BY_US: u8 = 1;

/// A layer of the official client.
struct Official {
    /// The origin of its transactions.
    origin: &'static str,
    /// Its bit among those that were seen.
    bit: u8,
    advice: &'static str,
}

const TOWER: Official = Official {
    origin: "auto.http.tower",
    bit: 2,
    advice: "each request is recorded twice, by TraceServerLayer and by SentryHttpLayer of sentry-tower. Remove \
             SentryHttpLayer, or its enable_transaction.",
};

const TRACING: Official = Official {
    origin: "auto.tracing",
    bit: 4,
    advice: "sentry-tracing sends spans of `tracing` as transactions with traces of their own. Replace its layer by \
             trace_tracing::layer().",
};

static SEEN: AtomicU8 = AtomicU8::new(0);

/// Looks at a service span of ours that has ended.
pub(crate) fn look_at_ended(span: &FinishedSpan) {
    if span.operation.ends_with(".server") {
        saw(BY_US);
    }
}

/// Looks at the scope of a request when its service span has ended.
pub(crate) fn look_at_scope(scope: &Scope) {
    if scope.get_span().is_some_and(|span| TOWER.made(span.get_trace_context().origin.as_deref())) {
        saw(TOWER.bit);
    }
}

/// Looks at the trace context that the client gave to an event.
pub(crate) fn look_at_event(event: &Event<'_>) {
    if TOWER.made(origin(event.contexts.get("trace"))) {
        saw(TOWER.bit);
    }
}

/// Looks at a transaction that the official client sends.
#[cfg_attr(not(feature = "transport"), expect(dead_code, reason = "only our transport sees them"))]
pub(crate) fn look_at_sent(transaction: &Transaction<'_>) {
    // Spans of `tracing` below a span of ours are no transactions, and do no harm.
    for official in [TOWER, TRACING] {
        if official.made(origin(transaction.contexts.get("trace"))) {
            saw(official.bit);
        }
    }
}

fn origin(trace: Option<&Context>) -> Option<&str> {
    match trace {
        Some(Context::Trace(trace)) => trace.origin.as_deref(),
        _ => None,
    }
}

impl Official {
    fn made(&self, origin: Option<&str>) -> bool {
        origin == Some(self.origin)
    }
}

fn saw(which: u8) {
    // The value changes at most three times, so that requests usually only read it.
    if SEEN.load(Ordering::Relaxed) & which == 0 {
        let before = SEEN.fetch_or(which, Ordering::Relaxed);
        for official in [TOWER, TRACING] {
            let both = BY_US | official.bit;
            if before & both != both && (before | which) & both == both {
                tell(official.advice);
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "all is sent, so that nothing else would tell of it")]
fn tell(advice: &str) {
    eprintln!("trace-sentry: {advice}");
}
