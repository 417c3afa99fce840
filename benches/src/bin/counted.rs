//! Counts the allocations of a contender's rows, in all threads: the second program that `benches` uses for that.

use std::alloc::System;
use std::process::ExitCode;

use benches::Counted;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    benches::count_allocations(|work| {
        let region = Region::new(ALLOCATOR);
        work();
        let change = region.change();
        // A reallocation is one allocation more, as it is for the others who count.
        Counted {
            number: (change.allocations + change.reallocations) as u64,
            held: change.bytes_allocated as i64 - change.bytes_deallocated as i64,
        }
    })
}
