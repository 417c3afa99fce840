//! Work of the delivery itself, which must not become something to deliver, without end.

use std::cell::Cell;

thread_local! {
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Restores what was before.
struct Entered(bool);

impl Drop for Entered {
    fn drop(&mut self) {
        IS_RUNNING.set(self.0);
    }
}

/// Runs work of the delivery, such as a call of the transport. What it records is not sent.
pub(crate) fn run<R>(work: impl FnOnce() -> R) -> R {
    let _entered = Entered(IS_RUNNING.replace(true));
    work()
}

/// Returns whether work of the delivery runs on this thread.
pub(crate) fn is_running() -> bool {
    IS_RUNNING.get()
}

/// Makes this thread one of the delivery: what it records is not sent, and what it captures neither. With a bridge of logs,
/// the messages of an HTTP client about one request would have to be sent in the next one.
#[cfg(any(feature = "spotlight", feature = "transport"))]
pub(crate) fn begin_thread() {
    IS_RUNNING.set(true);
    sentry_core::Hub::current().bind_client(None);
}
