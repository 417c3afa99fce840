//! Threads that capture nothing.

use sentry_core::Hub;

/// Takes the client off this thread's hub. Otherwise, with a bridge of logs, what the HTTP client logs about one request
/// would have to be sent in the next one, without end.
pub(crate) fn capture_nothing() {
    Hub::current().bind_client(None);
}
