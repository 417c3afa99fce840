//! A layer that is added twice.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing_core::Dispatch;

use crate::layer::TracingLayer;

/// The work that another layer of ours in the same subscriber does already. Spans have data, which tells; events have none.
#[derive(Debug, Default)]
pub(crate) struct DoneByAnother {
    queries: AtomicBool,
    #[cfg(feature = "sentry")]
    sending: AtomicBool,
}

impl DoneByAnother {
    /// Returns whether the other one records queries.
    pub(crate) fn queries(&self) -> bool {
        self.queries.load(Ordering::Relaxed)
    }

    /// Returns whether the other one sends events to Sentry.
    #[cfg(feature = "sentry")]
    pub(crate) fn sending(&self) -> bool {
        self.sending.load(Ordering::Relaxed)
    }
}

impl TracingLayer {
    /// Looks for another layer in a subscriber. All layers find the same one.
    pub(crate) fn notice_another(&self, dispatch: &Dispatch) {
        let Some(first) = dispatch.downcast_ref::<Self>() else { return };
        if !std::ptr::eq(first, self) {
            self.options.done.queries.store(true, Ordering::Relaxed);
            #[cfg(feature = "sentry")]
            self.options.done.sending.store(first.options.sentry.is_some(), Ordering::Relaxed);
        }
    }
}
