//! Pure decisions: whether a trace is continued, and whether it is sampled.

mod continuation;
mod sampling;

pub(crate) use continuation::admit;
pub use continuation::{AdoptedContext, Continuation, ContinuedFrom, NewTrace};
pub(crate) use sampling::{Decision, ParentSampling, Sampler, decide};
pub use sampling::{SampleRand, SampleRate, SamplingContext};
