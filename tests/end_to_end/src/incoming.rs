//! Traces that callers name, told apart by a number.

use trace_core::TraceContext;

/// The id of the trace with this number, which is not 0.
pub fn trace_id(number: u32) -> String {
    format!("{number:032x}")
}

/// The `sentry-trace` of a caller in the trace with this number, sampled.
pub fn sentry_trace(number: u32) -> String {
    format!("{}-{number:016x}-1", trace_id(number))
}

/// The id of the trace that is current, or `none`.
pub fn current_trace() -> String {
    TraceContext::current().map_or_else(|| "none".to_owned(), |context| context.trace_id().to_string())
}
