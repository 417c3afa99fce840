//! Code of the application that runs within a callback of the layer.

use std::panic::catch_unwind;

use tracing_core::Dispatch;
use tracing_core::dispatcher::{get_default, set_default};
use tracing_core::subscriber::NoSubscriber;

/// Runs a sink and its hooks without a subscriber. Their spans would end in the same hooks, without end, and the registry never
/// frees a span that is made while another one is closed.
///
/// It changes a number that all threads share, so it is not for each span.
pub(crate) fn without_subscriber<R>(work: impl FnOnce() -> R) -> R {
    // There is none within `get_default` either, as in the callback of a span that is dropped while an event is made. The
    // default must not be changed there.
    let has_none = get_default(Dispatch::is::<NoSubscriber>);
    // It panics within a `get_default` that began when some thread had a subscriber of its own, if now none has one.
    let _guard = (!has_none).then(|| catch_unwind(|| set_default(&Dispatch::none())));
    work()
}
