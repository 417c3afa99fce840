//! Delivers recorded transactions through the official `sentry` client, and puts the errors it captures on the trace.
//!
//! The official SDK alone loses the dynamic sampling context on the way to Sentry, because its transports rebuild an
//! envelope without the `trace` header. This crate writes the envelope of a transaction itself, and sends it through
//! the client's transport, with its queue, TLS, proxy and rate limits.
//!
//! ```no_run
//! use trace_sentry::SentrySink;
//!
//! # fn serve(_: trace_core::Tracer) {}
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // After `let _guard = sentry::init(…)`:
//! let sentry = SentrySink::of_current_client()?;
//! let tracer = sentry.tracer().build()?;
//! serve(tracer); // `TraceServerLayer::new(tracer)` and `TraceClientLayer::new(tracer)`
//! sentry.close(std::time::Duration::from_secs(2));
//! # Ok(())
//! # }
//! ```
//!
//! A request never waits for delivery. If the queue is full, the transaction is dropped and counted, and the counts are
//! sent to Sentry as client reports. A rate limit that names only transactions is not applied to envelopes that the
//! client did not write itself: the server then rejects them and counts the loss. A limit for all categories stops
//! them.
//!
//! With the feature `transport`, there is also a transport for the official client: it sends several requests at a time,
//! obeys the rate limits of each category, and counts every loss.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod backpressure;
mod builder;
mod captured;
mod coexistence;
mod cookies;
mod counts;
mod cut;
mod delivery;
mod envelope;
mod error_layer;
mod errors;
mod failure;
mod hub;
mod json;
mod members;
mod official_options;
mod official_span;
mod outlet;
mod own_work;
mod payload;
mod queue;
mod redacted;
mod request_data;
mod request_scope;
mod sampler_input;
mod scope_payload;
mod sentry_sink;
mod sharded;
mod source_error;
mod span_payload;
mod spans_that_fit;
#[cfg(feature = "spotlight")]
mod spotlight;
mod stream;
mod telemetry;
mod trace_header;
#[cfg(feature = "transport")]
mod transport;

pub use builder::{BuildError, SentrySinkBuilder};
pub use counts::Statistics;
pub use error_layer::{ErrorFuture, ErrorLayer, ErrorService};
pub use errors::TraceIntegration;
pub use hub::{HubFuture, HubLayer, HubService, InHub};
pub use sentry_sink::SentrySink;
pub use source_error::{Boxed, Kind, Plain, SourceError};
#[cfg(feature = "spotlight")]
pub use spotlight::{Copies, Spotlight};
#[cfg(feature = "transport")]
pub use transport::Transport;
