//! What the tests of this package share: the recorded cases, and the ways in and out of our public interface.
//!
//! The tests see what users see, so nothing here or there reaches into the crates under test.

mod cases;
mod wire;

pub use cases::{Agreement, Case, Override, check, expect, matches};
pub use wire::{SPAN, TRACE, baggage, carrier, flag, injected, members, numbers_equal};
