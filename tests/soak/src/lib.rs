//! A soak: very many requests through the layers, in process and on several threads, with everything that goes wrong in
//! a day: clients that leave, handlers and bodies that panic, headers that are garbage.
//!
//! Each request has a number, and from its number alone follows what it does (plan.rs). Each is booked in a ledger
//! when its transaction starts and when it ends, so that at the end the two can be compared, one by one.

mod app;
mod delivery;
mod endless;
mod ledger;
mod load;
mod memory;
mod plan;
mod report;
mod run;
mod visit;

pub use delivery::{Amount, deliver};
pub use report::Report;
pub use run::{Size, run};
