//! The data that a span of `tracing` has in its extensions.

use std::num::NonZeroU64;

use trace_core::{SharedSpan, TraceContext};

use crate::number::is_in_use;

/// The span of the trace that a span of `tracing` became. It is in the
/// [extensions](tracing_subscriber::registry::SpanRef::extensions) of the span, where other layers find it. Spans that are
/// not recorded have none; [`TraceIds::current`](crate::TraceIds::current) knows the trace all the same.
///
/// ```
/// # use tracing_subscriber::registry::{LookupSpan, SpanRef};
/// fn trace_id<'a, R: LookupSpan<'a>>(span: &SpanRef<'a, R>) -> Option<String> {
///     let extensions = span.extensions();
///     let traced = extensions.get::<trace_tracing::TracedSpan>()?;
///     Some(traced.context().trace_id().to_string())
/// }
/// ```
#[derive(Debug)]
pub struct TracedSpan {
    span: SharedSpan,
    /// The number of the layer that made it.
    layer: NonZeroU64,
}

/// The registry drops it after `on_close`, which ends the span. There was none if the layer was taken out at run time.
impl Drop for TracedSpan {
    fn drop(&mut self) {
        if !self.span.has_ended() {
            self.span.end();
        }
    }
}

impl TracedSpan {
    pub(crate) fn new(span: SharedSpan, layer: NonZeroU64) -> Self {
        Self { span, layer }
    }

    /// Returns the context of the span.
    #[must_use]
    pub fn context(&self) -> &TraceContext {
        self.span.context()
    }

    pub(crate) fn span(&self) -> &SharedSpan {
        &self.span
    }

    /// Returns whether a layer has to enter the span: the one that made it, or any if that one was replaced at run time.
    pub(crate) fn is_entered_by(&self, layer: NonZeroU64) -> bool {
        self.layer == layer || !is_in_use(self.layer)
    }
}
