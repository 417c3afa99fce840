//! The same work done by us, by others and by hand, on the same inputs in one program.

mod case;
mod check;
mod commands;
mod contenders;
mod harness;
mod inputs;
mod loopback;
mod measure;
mod named;
mod proof;
mod recorded;
mod report;
mod row;
mod scale;
mod subject;

pub use commands::{count_allocations, run};
pub use measure::allocations::{Count, Counted};
