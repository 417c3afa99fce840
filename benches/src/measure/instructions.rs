//! Instructions, counted by callgrind, and how many of them lock memory.
//!
//! Counted is one function, `measured_loop`, and what it calls on its own thread: so neither start nor set-up nor a
//! thread in the background counts. An operation costs what twice as many operations cost more, divided by their number.
//! Where the work ends on another thread, all threads are counted while the work is done twice as often.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, process};

use crate::case::{DUMPED, MEASURED};
use crate::contenders::Contender;
use crate::measure::child::{arguments, myself};
use crate::named::Named;
use crate::subject::Subject;

/// What an operation executes, with the harness.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Executed {
    pub(crate) instructions: f64,
    /// Those that change memory which other threads may change too, such as the count of an `Arc`: the processor takes
    /// its cache line for itself.
    pub(crate) locked: f64,
}

/// What the child does: each row twice.
pub(crate) fn child(contender: Contender, subjects: &[Subject]) {
    for &subject in subjects {
        let mut case = subject.case(contender).expect("the parent asks for what there is");
        case.warm_up(subject.warm_up());
        case.measure(subject.times());
        case.measure(2 * subject.times());
    }
}

/// Instructions per operation.
pub(crate) fn measure(contender: Contender, subjects: &[Subject]) -> BTreeMap<Subject, Executed> {
    let (everywhere, here): (Vec<_>, Vec<_>) =
        subjects.iter().partition(|subject| subject.ends_on_another_thread());
    let mut executed = BTreeMap::new();
    if !here.is_empty() {
        let toggle = format!("--toggle-collect={MEASURED}");
        executed.extend(run(contender, &here, Some(toggle), |once, twice, times| (twice - once) / times));
    }
    if !everywhere.is_empty() {
        executed.extend(run(contender, &everywhere, None, |_, twice, times| twice / (2.0 * times)));
    }
    executed
}

/// Counts, and calculates from both counts of a subject what one operation takes.
fn run(
    contender: Contender,
    subjects: &[Subject],
    toggle: Option<String>,
    each: impl Fn(f64, f64, f64) -> f64,
) -> Vec<(Subject, Executed)> {
    let folder = env::temp_dir().join(format!("benches-{}-{}", process::id(), contender.name()));
    fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let mut command = Command::new("valgrind");
    command
        .arg("--tool=callgrind")
        .arg("--collect-bus=yes")
        .args(toggle)
        .arg(format!("--dump-after={DUMPED}"))
        .arg(format!("--callgrind-out-file={}", folder.join("counts").display()))
        .arg(myself())
        .arg("count");
    arguments(&mut command, contender, subjects);
    let output = command.stdin(Stdio::null()).output().expect("valgrind is installed");
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let mut counts = (1..).map_while(|number| totals(&folder.join(format!("counts.{number}"))));
    let per_row = subjects.iter().map(|&subject| {
        let (once, twice) = counts.next().zip(counts.next()).expect("two counts a subject");
        let [instructions, locked] =
            [0, 1].map(|event| each(once[event], twice[event], subject.times() as f64));
        (subject, Executed { instructions, locked })
    });
    let per_row = per_row.collect();
    fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
    per_row
}

/// The totals of one file; `None` if there is no such file.
fn totals(path: &Path) -> Option<[f64; 2]> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ")).expect("totals in each file");
    // Zeros at the end are left out.
    let mut totals = line.split(' ').map(|total| total.parse().expect("a total is a number"));
    Some([0, 1].map(|_| totals.next().unwrap_or(0.0)))
}
