//! Spotlight, Sentry's viewer on the developer's machine, which gets a copy of everything, sampled or not.
//!
//! Source: Sentry's document Spotlight for SDK developers.

mod copies;
mod destination;
mod pipeline;

pub use copies::Copies;
pub use destination::Spotlight;
pub(crate) use destination::Unusable;
pub(crate) use pipeline::Pipeline;
