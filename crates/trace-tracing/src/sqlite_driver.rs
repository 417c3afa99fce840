//! The threads on which `sqlx` runs queries on SQLite.

use trace_core::SharedSpan;

/// The start of their names. They are the only sign of the database that an event of `sqlx` has.
const THREADS: &str = "sqlx-sqlite-worker";

/// Returns whether this is such a thread.
pub(crate) fn is_here() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with(THREADS))
}

/// Notes that a span is entered. Such a thread holds the span of its query for a moment after it has answered, in which the
/// request may end.
pub(crate) fn note_entered(span: &SharedSpan) {
    if is_here() {
        span.end_with_transaction();
    }
}
