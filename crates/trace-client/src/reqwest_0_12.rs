//! What the root of the crate has for reqwest 0.13, for reqwest 0.12.

use ::reqwest_0_12 as library;

#[allow(clippy::duplicate_mod, reason = "each version of reqwest has types of its own")]
#[path = "reqwest/mod.rs"]
mod implementation;

pub use implementation::*;
