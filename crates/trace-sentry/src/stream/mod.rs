//! Streamed spans: gathered by trace when they end, and sent in batches.
//!
//! Source: Sentry's Spans specification 1.0.0. Spans wait as they are, and a batch is written when it is sent, so that the
//! sampling context, which freezes then, has a name that was set late.

mod attributes;
mod batch;
mod bucket;
mod buckets;
mod common;
mod ended;
mod intake;
mod payload;
mod scope_attributes;
mod shard;
mod typed;
mod weight;

pub(crate) use batch::Batch;
#[cfg(feature = "transport")]
pub(crate) use batch::MAX_ENVELOPE;
pub(crate) use bucket::Bucket;
pub(crate) use buckets::Buckets;
pub(crate) use ended::EndedSpan;
pub(crate) use intake::Intake;
