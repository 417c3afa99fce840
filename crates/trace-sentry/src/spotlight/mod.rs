//! Spotlight, Sentry's viewer on the developer's machine, which gets a copy of everything, sampled or not.
//!
//! Source: Sentry's document Spotlight for SDK developers.

mod destination;
mod pipeline;

pub use destination::Spotlight;
pub(crate) use destination::Unusable;
pub use pipeline::Copies;
pub(crate) use pipeline::Pipeline;
