//! The ids of the trace, for logs.

use std::fmt;

use trace_core::{SpanId, TraceContext, TraceId, map_current};

/// The ids that join a log to its trace. Its text is that of log lines: `trace_id=… span_id=… sampled=…`, without `sampled`
/// if nobody has decided.
///
/// ```
/// use trace_core::Tracer;
/// use trace_tracing::TraceIds;
///
/// let job = Tracer::builder().traces_sample_rate(0.0).build()?.service_span("task", "report").start();
/// let ids = job.scope(TraceIds::current).unwrap();
/// assert_eq!(ids.to_string(), format!("trace_id={} span_id={} sampled=false", job.trace_id(), job.span_id()));
/// assert_eq!(TraceIds::current(), None);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceIds {
    trace_id: TraceId,
    span_id: SpanId,
    sampled: Option<bool>,
}

impl TraceIds {
    /// Returns the ids of the current context, whether or not it is recorded; `None` if there is none, or if tracing is
    /// [suppressed](TraceContext::is_suppressed).
    #[must_use]
    pub fn current() -> Option<Self> {
        map_current(|current| current.filter(|current| !current.is_suppressed()).map(Self::from))
    }

    /// Returns the id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Returns the sampling decision; `None` if nobody has decided.
    #[must_use]
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }
}

impl From<&TraceContext> for TraceIds {
    fn from(context: &TraceContext) -> Self {
        Self { trace_id: context.trace_id(), span_id: context.span_id(), sampled: context.sampled() }
    }
}

impl fmt::Display for TraceIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trace_id={} span_id={}", self.trace_id, self.span_id)?;
        self.sampled.map_or(Ok(()), |sampled| write!(f, " sampled={sampled}"))
    }
}
