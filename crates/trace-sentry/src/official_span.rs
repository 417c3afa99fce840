//! The current span in the types of the official client, for code that starts spans with its functions.

use std::sync::Arc;

use sentry_core::{Hub, TransactionContext, TransactionOrSpan};
use trace_core::{TraceContext, map_current};

/// Returns an official transaction with the ids and the decision of the current context. It has no client, so that it is
/// never sent, counted or sampled, and its children need no memory.
pub(crate) fn of_current() -> Option<TransactionOrSpan> {
    let context = map_current(|current| current.map(official))?;
    Some(Hub::new(None, Arc::default()).start_transaction(context).into())
}

fn official(context: &TraceContext) -> TransactionContext {
    let mut official = TransactionContext::new_with_details(
        // Without a client, the name is dropped.
        "",
        "http.server",
        context.trace_id().to_bytes().into(),
        Some(context.span_id().to_bytes().into()),
        context.parent_span_id().map(|id| id.to_bytes().into()),
    );
    official.set_sampled(context.sampled());
    official
}
