//! Spans that leave the process one by one.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::dsc::DynamicSamplingContext;
use crate::id::{SpanId, TraceId};
use crate::policy::SampleRate;
use crate::record::{FinishedSpan, Recorder, SinkData, TransactionName};

/// A span that has ended, with what all spans of its service span share.
#[derive(Clone)]
#[non_exhaustive]
pub struct StreamedSpan {
    /// The span.
    pub span: FinishedSpan,
    recorder: Arc<Recorder>,
}

impl StreamedSpan {
    pub(crate) fn new(span: FinishedSpan, recorder: Arc<Recorder>) -> Self {
        Self { span, recorder }
    }

    /// Returns the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.recorder.trace_id()
    }

    /// Returns whether the span is the service span itself.
    #[must_use]
    pub fn is_service_span(&self) -> bool {
        self.span.span_id == self.recorder.span_id()
    }

    /// Returns the id of the service span.
    #[must_use]
    pub fn service_span_id(&self) -> SpanId {
        self.recorder.span_id()
    }

    /// Returns whether the service span had ended before this one.
    #[must_use]
    pub fn is_late(&self) -> bool {
        !self.is_service_span() && self.recorder.has_ended()
    }

    /// Returns the current name of the service span, which may change while it runs.
    #[must_use]
    pub fn transaction_name(&self) -> TransactionName {
        self.recorder.name().unwrap_or_default()
    }

    /// Replaces the name of the service span by one of the same source.
    pub(crate) fn set_transaction_name(&self, text: Cow<'static, str>) {
        self.recorder.rename(self.transaction_name().with_text(text));
    }

    /// Returns whether the service span was sampled. Only a sink that [requires](crate::Requirements::record_unsampled)
    /// unsampled ones receives others.
    #[must_use]
    pub fn sampled(&self) -> bool {
        self.recorder.sampled()
    }

    /// Returns the value that was [set](crate::TraceContext::set_sink_data) for the sink on the service span.
    #[must_use]
    pub fn sink_data(&self) -> Option<SinkData> {
        self.recorder.sink_data()
    }

    /// Returns the dynamic sampling context as it is sent on. This call freezes it.
    #[must_use]
    pub fn dynamic_sampling_context(&self) -> Cow<'_, DynamicSamplingContext> {
        self.recorder.source().dynamic_sampling_context(self.trace_id())
    }

    /// Returns the rate of this service, if that rate made the decision. It is also known if no context is sent on.
    #[must_use]
    pub fn own_sample_rate(&self) -> Option<SampleRate> {
        self.recorder.source().own_rate()
    }
}

impl fmt::Debug for StreamedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamedSpan")
            .field("trace_id", &self.trace_id())
            .field("service_span_id", &self.service_span_id())
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}
