//! Head-based sampling: rates, the trace's random number, and the decision.
//!
//! Source: Sentry's documents Traces (`tracesSampleRate`, `tracesSampler`), Trace Propagation (`sample_rand`).
//! All comparisons are made in whole millionths, the precision in which `sample_rand` travels, so that
//! "sampled" and `sample_rand < sample_rate` can never disagree on the wire.

mod decision;
mod parent;
mod rand;
mod rate;

pub(crate) use decision::{Decision, decide};
pub use rand::SampleRand;
pub use rate::SampleRate;

pub(crate) use parent::ParentSampling;

#[cfg(test)]
mod tests;
