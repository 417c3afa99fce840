//! Time, as a check that the instructions do not mislead.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::case::Case;
use crate::contenders::Contender;
use crate::measure::child::{arguments, myself, numbers};
use crate::subject::Subject;

const BATCHES: usize = 41;
const BATCH: Duration = Duration::from_millis(2);

/// What the child does: prints a line for each row.
pub(crate) fn child(contender: Contender, subjects: &[Subject]) {
    for &subject in subjects {
        let mut case = subject.case(contender).expect("the parent asks for what there is");
        println!("{} {}", subject, median(&mut case, subject.warm_up()));
    }
}

/// Nanoseconds per operation, with the harness.
pub(crate) fn measure(contender: Contender, subjects: &[Subject]) -> BTreeMap<Subject, f64> {
    let mut command = Command::new(myself());
    arguments(command.arg("time"), contender, subjects);
    numbers(&mut command).into_iter().map(|(subject, [nanoseconds])| (subject, nanoseconds)).collect()
}

/// The median of batches that are each long enough for the clock.
fn median(case: &mut Case, warm_up: usize) -> f64 {
    case.warm_up(warm_up);
    let mut times = warm_up;
    while time(case, times) < BATCH {
        times *= 2;
    }
    let mut batches: Vec<_> = (0..BATCHES).map(|_| time(case, times)).collect();
    batches.sort_unstable();
    batches[BATCHES / 2].as_nanos() as f64 / times as f64
}

fn time(case: &mut Case, times: usize) -> Duration {
    let start = Instant::now();
    case.measure(times);
    start.elapsed()
}
