//! What all recorders of a tracer share.

use std::sync::Arc;

use crate::record::{CaughtPanics, Deadlines, Limits, SinkData, SpanSink, TraceLifecycle};

/// The sink of a tracer, with what the tracer has to know of it, behind one pointer.
pub(crate) struct Destination {
    pub(crate) sink: Arc<dyn SpanSink>,
    pub(crate) lifecycle: TraceLifecycle,
    /// `true` if the sink, or a rule in front of it, may run code of the application.
    pub(crate) runs_hooks: bool,
    pub(crate) limits: Limits,
    /// The deadlines that the sink watches.
    pub(crate) deadlines: Option<Deadlines>,
    pub(crate) panics: CaughtPanics,
}

impl Destination {
    /// Returns the deadlines, if a service span that starts may have to be ended by them.
    #[inline]
    pub(super) fn deadlines_from_start(&self) -> Option<&Deadlines> {
        self.limits.may_end_a_running_one().then_some(self.deadlines.as_ref()).flatten()
    }

    /// Returns the sink's data of the work that the calling thread does.
    pub(super) fn data_here(&self) -> Option<SinkData> {
        let deadlines = self.deadlines.as_ref()?;
        self.panics.catch(|| deadlines.data_here()).flatten()
    }
}
