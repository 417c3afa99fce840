//! The dynamic sampling context (DSC): values that the head of a trace has fixed.
//!
//! Source: Sentry's Dynamic Sampling Context document. It travels as the `sentry-` members of `baggage` and, with
//! the prefix removed, as the `trace` header of envelopes.

mod caller;
mod context;
mod name;
mod own;
mod parsed;
mod source;
mod writers;

pub(crate) use caller::CallerContext;
pub use context::DynamicSamplingContext;
use context::push_raw;
pub(crate) use own::{FixedContext, OpenContext, OwnConstants};
pub(crate) use source::{Beginning, Source};

#[cfg(test)]
mod tests;
