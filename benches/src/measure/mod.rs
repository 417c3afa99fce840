//! The three measures. Each contender is measured in a child process of its own, and each measure has its reason:
//! instructions compare code, allocations are exact, and nanoseconds may only not contradict the two.

pub(crate) mod allocations;
pub(crate) mod child;
pub(crate) mod instructions;
pub(crate) mod nanoseconds;
