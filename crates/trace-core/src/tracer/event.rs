//! The events of a tracer's observer: every decision about propagation, as data. The observer may log or count them.

use std::sync::Arc;

use crate::context::TraceContext;
use crate::propagation::Injection;
use crate::record::{Callback, CaughtPanics};

/// A decision about propagation.
#[derive(Debug)]
#[non_exhaustive]
pub enum PropagationEvent<'a> {
    /// Incoming headers were read; [`TraceContext::continuation`] returns the decision.
    Incoming {
        /// The context that was made.
        context: &'a TraceContext,
    },
    /// A request is sent.
    Outgoing {
        /// The context of the request's span.
        context: &'a TraceContext,
        /// The request's URL as it may be logged: without credentials and fragment, and with the values of sensitive
        /// keys of its query replaced.
        url: String,
        /// The result for the trace headers of the request, with the reason if none were written.
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
        let _panicked = Callback::Observer.call(|| panics.catch(|| observer(event)));
    })
}
