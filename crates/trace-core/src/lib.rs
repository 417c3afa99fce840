//! Sentry-compatible distributed tracing: the core that the layers and adapters share.
//!
//! A [`Tracer`] continues the caller's trace or starts one. It returns a [`TraceContext`]: the value that crosses
//! tasks and processes. The context is *current* while work runs in it, and is written to outgoing requests, messages
//! and child processes as `sentry-trace` and `baggage`. If the trace is sampled, [`Span`]s record what the service
//! did. Together they are a [`FinishedTransaction`], which goes to a [`SpanSink`].
//!
//! The crate has no runtime, no logging, no I/O and no threads. Incoming headers never cause an error or a panic:
//! invalid headers lead to a new trace and a [reason](TraceContext::continuation).
//!
//! ```
//! use trace_core::Tracer;
//!
//! let tracer = Tracer::builder().release("shop@1.4.0").build()?;
//! let incoming = [("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1")];
//! let context = tracer.continue_trace(incoming.as_slice());
//!
//! let mut outgoing = http::HeaderMap::new();
//! context.inject(&mut outgoing);
//! assert_eq!(outgoing["sentry-trace"], context.sentry_trace().to_string());
//! # Ok::<(), trace_core::BuildError>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod context;
mod dsc;
mod id;
mod policy;
mod propagation;
mod record;
mod sinks;
mod tracer;
pub mod wire;

/// The names of the headers that carry a trace.
pub mod headers {
    pub use crate::wire::names::{BAGGAGE, SENTRY_TRACE, TRACEPARENT, TRACESTATE, TraceHeaderName};
}

pub use context::{
    Activity, AttachKey, Attached, Entered, InTrace, InjectOptions, KeepOpen, SharedSpan, Span, SpanBuilder,
    TraceContext, TraceExt, detach, in_current_trace, is_recording, map_current, suppress_tracing,
    trace_data,
};
pub use dsc::DynamicSamplingContext;
pub use id::{Authority, Dsn, OrganizationId, ParseDsnError, ParseIdError, SpanId, TraceId};
pub use policy::{
    AdoptedContext, Continuation, ContinuedFrom, NewTrace, RequestHead, SampleRand, SampleRate,
};
pub use propagation::{
    CarrierFull, EnvVars, Extract, Inject, Injection, SentContext, TraceData, TraceMetadata, Withheld,
};
pub use record::{
    AttributeValue, CaughtPanics, Deadlines, Downsampling, DropReason, FinishedSpan, FinishedTransaction,
    Loss, Measurement, NamePattern, NameSource, Outcome, Record, Requirements, SinkData, SpanEdit, SpanLink,
    SpanPattern, SpanSink, SpanStatus, StreamedSpan, TraceLifecycle, TransactionName,
};
pub use sinks::InMemorySink;
pub use tracer::{
    BuildError, Connection, IS_OFF, PropagationEvent, QueueMessage, SamplingContext, ServedRequest,
    ServiceSpanBuilder, Tracer, TracerBuilder, current_serves, is_marked_served, unmark_served,
};
