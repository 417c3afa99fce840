//! What a tracer's observer is told: every decision about propagation, as data. Logs and counters are its business.

use std::sync::Arc;

use crate::context::TraceContext;
use crate::propagation::Injection;
use crate::record::CaughtPanics;

/// A decision about propagation.
#[derive(Debug)]
#[non_exhaustive]
pub enum PropagationEvent<'a> {
    /// Trace headers came in, or none did; [`TraceContext::continuation`] tells what was decided.
    Incoming {
        /// The context that was made.
        context: &'a TraceContext,
    },
    /// A request goes out.
    Outgoing {
        /// The context the request is made in: that of its span.
        context: &'a TraceContext,
        /// The request's URL as it may be logged: without credentials and fragment, and with the values of sensitive
        /// keys of its query [replaced](crate::http::scrub_query).
        url: String,
        /// Whether it carries trace headers, and why not.
        decision: Injection,
    },
}

pub(crate) type Observer = Arc<dyn Fn(&PropagationEvent<'_>) + Send + Sync>;

/// Returns an observer whose panics are caught.
pub(crate) fn caught(
    observer: impl Fn(&PropagationEvent<'_>) + Send + Sync + 'static,
    panics: CaughtPanics,
) -> Observer {
    Arc::new(move |event| {
        let _panicked = panics.catch(|| observer(event));
    })
}
