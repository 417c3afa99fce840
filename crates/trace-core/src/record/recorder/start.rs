//! The start of a recorder.

use std::sync::Arc;

use crate::dsc::Source;
use crate::id::{SpanId, TraceId};
use crate::record::{Destination, IgnoredSpans, SpanStart, TransactionName};

/// The values with which a service span starts.
pub(crate) struct Start {
    pub(crate) destination: Arc<Destination>,
    pub(crate) sampled: bool,
    pub(crate) ignored: IgnoredSpans,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) source: Source,
    pub(crate) name: TransactionName,
    pub(crate) span: SpanStart,
}
