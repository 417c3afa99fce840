//! Pure decisions: continuation and sampling of a trace.

mod continuation;
mod sampling;

pub(crate) use continuation::admit;
pub use continuation::{AdoptedContext, Continuation, ContinuedFrom, NewTrace};
pub(crate) use sampling::{Decision, ParentSampling, Sampler, decide};
pub use sampling::{SampleRand, SampleRate, SamplingContext};
