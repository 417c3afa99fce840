//! The start of a recorder.

use std::sync::Arc;

use crate::dsc::Source;
use crate::id::{SpanId, TraceId};
use crate::record::{IgnoredSpans, Limits, SpanSink, SpanStart, TraceLifecycle, TransactionName};

/// The values with which a service span starts.
pub(crate) struct Start {
    pub(crate) sink: Arc<dyn SpanSink>,
    pub(crate) lifecycle: TraceLifecycle,
    pub(crate) limits: Limits,
    pub(crate) sampled: bool,
    pub(crate) ignored: IgnoredSpans,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) source: Source,
    pub(crate) name: TransactionName,
    pub(crate) span: SpanStart,
}
