//! A handler that makes calls.

use end_to_end::Transactions;
use trace_core::{FinishedSpan, Span, Tracer, TransactionName};

/// The transaction of a handler, at the head of a trace.
pub(crate) fn handler(tracer: &Tracer) -> Span {
    let name = || TransactionName::custom("test");
    tracer.service_span("test", name()).start()
}

/// Ends the handler, and gives the spans that had ended before.
#[track_caller]
pub(crate) fn end(handler: Span, transactions: &mut Transactions) -> Vec<FinishedSpan> {
    handler.end();
    transactions.only().spans
}
