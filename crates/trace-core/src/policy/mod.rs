//! Pure decisions, continuation and sampling of a trace, and the request that they may look at.

mod continuation;
mod request_head;
mod sampling;

pub(crate) use continuation::admit;
pub use continuation::{AdoptedContext, Continuation, ContinuedFrom, NewTrace};
pub use request_head::RequestHead;
pub(crate) use sampling::{Decision, ParentSampling, decide};
pub use sampling::{SampleRand, SampleRate};
