//! Counts the allocations of a contender's rows: the second program that `benches` uses for that.

use std::process::ExitCode;

use benches::Counted;

fn main() -> ExitCode {
    benches::count_allocations(|work| {
        let counted = allocation_counter::measure(work);
        Counted { number: counted.count_total, held: counted.bytes_current }
    })
}
