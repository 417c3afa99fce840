//! Time on the processor, as a check that the instructions do not mislead: of all threads, since work may end on another.
//!
//! A low quantile is taken, because what disturbs can only make it longer.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::case::Case;
use crate::contenders::Contender;
use crate::measure::child::{arguments, myself, numbers};
use crate::subject::Subject;

const BATCHES: usize = 41;
/// The quantile that is taken: a tenth of the batches are quicker.
const QUANTILE: usize = 10;
const BATCH: Duration = Duration::from_millis(2);

/// What the child does: prints a line for each row.
pub(crate) fn child(contender: Contender, subjects: &[Subject]) {
    for &subject in subjects {
        let mut case = subject.case(contender).expect("the parent asks for what there is");
        println!("{} {}", subject, low(&mut case, subject.warm_up()));
    }
}

/// Nanoseconds per operation, with the harness.
pub(crate) fn measure(contender: Contender, subjects: &[Subject]) -> BTreeMap<Subject, f64> {
    let mut command = Command::new(myself());
    arguments(command.arg("time"), contender, subjects);
    numbers(&mut command).into_iter().map(|(subject, [nanoseconds])| (subject, nanoseconds)).collect()
}

/// A low quantile of batches that are each long enough for the clock.
fn low(case: &mut Case, warm_up: usize) -> f64 {
    case.warm_up(warm_up);
    let mut times = warm_up;
    while time(case, times) < BATCH {
        times *= 2;
    }
    let mut batches: Vec<_> = (0..BATCHES).map(|_| time(case, times)).collect();
    batches.sort_unstable();
    batches[BATCHES / QUANTILE].as_nanos() as f64 / times as f64
}

fn time(case: &mut Case, times: usize) -> Duration {
    let start = on_the_processor();
    case.measure(times);
    on_the_processor() - start
}

fn on_the_processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
