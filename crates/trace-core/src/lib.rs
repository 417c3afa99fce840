//! Sentry-compatible distributed tracing: the core that the layers and adapters share.
//!
//! A [`Tracer`] continues the trace of whoever called, or starts one, and gives a [`TraceContext`]: the value that
//! crosses tasks and processes. The context is *current* while work runs in it, and is written to outgoing requests,
//! messages and child processes as `sentry-trace` and `baggage`. Of a sampled trace, [`Span`]s record what the service
//! did; together they are a [`FinishedTransaction`], which goes to a [`TransactionSink`].
//!
//! No runtime, no logging, no I/O, no threads. Nothing that comes in from outside can fail or panic: bad headers mean a
//! new trace and a [reason](TraceContext::continuation).
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

mod active_span;
mod builder;
mod caller;
mod carrier;
mod caught_panics;
mod context;
mod continuation;
mod current;
mod dsc;
mod dsn;
mod event;
mod filter;
mod finished;
pub mod headers;
mod hex;
pub mod http;
mod id;
mod in_memory;
mod in_span;
mod injection;
mod keep_open;
mod link;
mod name;
mod name_pattern;
mod off;
mod origin;
mod parent;
mod propagation;
mod queue;
mod sampling;
mod serving;
mod signature;
mod sink;
mod slot;
mod span;
mod status;
mod subprocess;
mod trace_data;
mod trace_headers;
mod tracer;
mod transaction;
pub mod wire;

pub use builder::{BuildError, TracerBuilder};
pub use carrier::{CarrierFull, Environment, Extract, Inject};
pub use caught_panics::CaughtPanics;
pub use context::{InjectOptions, TraceContext};
pub use continuation::{AdoptedContext, Continuation, NewTrace, TraceHeader};
pub use current::{InTrace, WithTrace, in_current_trace, trace_data, with_current};
pub use dsc::DynamicSamplingContext;
pub use dsn::{Dsn, OrganizationId, ParseDsnError};
pub use event::PropagationEvent;
pub use finished::{AttributeValue, FinishedSpan, FinishedTransaction, Measurement, Outcome};
pub use id::{ParseIdError, SpanId, TraceId};
pub use in_memory::InMemorySink;
pub use in_span::WithSpan;
pub use injection::{Outgoing, SentContext, Withheld};
pub use keep_open::KeepOpen;
pub use link::SpanLink;
pub use name::{NameSource, TransactionName};
pub use name_pattern::NamePattern;
pub use off::IS_OFF;
pub use queue::QueueMessage;
pub use sampling::{SampleRand, SampleRate, SamplingContext};
pub use sink::{DropReason, TransactionSink};
pub use span::Span;
pub use status::SpanStatus;
pub use trace_data::TraceData;
pub use tracer::Tracer;
