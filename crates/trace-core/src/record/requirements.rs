//! The requirements of a sink, which the tracer reads once, when it is built.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::record::Deadlines;

/// The unit in which recorded spans leave the process.
///
/// Source: Sentry's Spans specification (`traceLifecycle`). Propagation and sampling are the same in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceLifecycle {
    /// A service span leaves as one transaction with all spans below it, when it has ended.
    #[default]
    Static,
    /// Each span leaves when it ends.
    Stream,
}

/// The requirements of a [`SpanSink`](crate::SpanSink).
#[derive(Debug, Clone, Default)]
pub struct Requirements {
    pub(crate) lifecycle: TraceLifecycle,
    pub(crate) records_unsampled: bool,
    pub(crate) downsampling: Downsampling,
    pub(crate) deadlines: Option<Deadlines>,
}

impl Requirements {
    /// Sets whether the sink receives transactions or single spans.
    #[must_use]
    pub fn lifecycle(mut self, lifecycle: TraceLifecycle) -> Self {
        self.lifecycle = lifecycle;
        self
    }

    /// Sets whether everything is recorded, also what is not sampled, as a viewer on the developer's own machine needs
    /// it. Other services still receive the actual decision. The default is `false`.
    #[must_use]
    pub fn record_unsampled(mut self, record: bool) -> Self {
        self.records_unsampled = record;
        self
    }

    /// Sets the factor by which the sink lowers the sample rate when it cannot take more.
    #[must_use]
    pub fn downsampling(mut self, downsampling: Downsampling) -> Self {
        self.downsampling = downsampling;
        self
    }

    /// Sets the deadlines that the sink watches. Without them, a limit is checked only when something happens.
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = Some(deadlines);
        self
    }
}

/// A shared number: how many times a sample rate of this service is halved before it is applied, because a sink cannot
/// take more. It is 0 in normal operation. Clones share the number.
///
/// Source: Sentry's Backpressure Management document.
#[derive(Debug, Clone, Default)]
pub struct Downsampling(Arc<AtomicU32>);

impl Downsampling {
    /// Sets the number of halvings.
    pub fn set_factor(&self, halvings: u32) {
        self.0.store(halvings, Ordering::Relaxed);
    }

    /// Returns the number of halvings.
    #[must_use]
    pub fn factor(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}
