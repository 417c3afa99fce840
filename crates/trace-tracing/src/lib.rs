//! A layer for [`tracing_subscriber`] that puts the spans of `tracing` in the trace of the current request or job.
//!
//! ```
//! use trace_core::{InMemorySink, Tracer};
//! use tracing_subscriber::prelude::*;
//!
//! #[tracing::instrument]
//! fn load(id: u64) {}
//!
//! let _subscriber = tracing_subscriber::registry().with(trace_tracing::layer()).set_default();
//! let sink = InMemorySink::default();
//! let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
//! let job = tracer.service_span("task", "report").start();
//! job.scope(|| load(17));
//! job.end();
//!
//! let sent = sink.take();
//! assert_eq!((&*sent[0].spans[0].description, sent[0].spans[0].attribute("id")), ("load", Some(&17.into())));
//! # Ok::<(), trace_core::BuildError>(())
//! ```
//!
//! A span becomes a child of the context that is current when it is made, or of its explicit parent. While it is entered it
//! is current, so that other spans and the headers of outgoing requests belong to it. Its operation, name, status and
//! attributes follow from the well-known fields of OpenTelemetry and of Sentry; other fields are attributes as they are. The
//! queries that `sqlx` logs become spans. If the trace is not sampled, a span costs one branch.
//!
//! `#[tracing::instrument]` is the attribute macro to use; for code without macros there is
//! [`TraceExt::in_new_span`](trace_core::TraceExt::in_new_span).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod callbacks;
mod choice;
mod convention;
mod events;
#[cfg(feature = "fmt")]
mod json_members;
mod last;
mod layer;
#[cfg(feature = "fmt")]
mod log_format;
mod lookup;
mod number;
mod presence;
mod query;
#[cfg(feature = "sentry")]
mod sentry;
mod sqlite_driver;
mod start;
mod trace_ids;
mod traced_span;
mod twice;
mod unobserved;
mod values;

pub use layer::{TracingLayer, layer};
#[cfg(feature = "fmt")]
pub use log_format::WithTraceIds;
#[cfg(feature = "sentry")]
pub use sentry::SentryEvents;
pub use trace_ids::TraceIds;
pub use traced_span::TracedSpan;
