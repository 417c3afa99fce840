//! reqwest 0.13.

use ::reqwest as library;

#[allow(clippy::duplicate_mod, reason = "each version of reqwest has types of its own")]
#[path = "reqwest/mod.rs"]
mod implementation;

#[cfg(feature = "reqwest-middleware")]
pub(crate) use implementation::request::begin;
pub use implementation::*;
