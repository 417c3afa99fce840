//! Child processes that measure one contender.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::contenders::Contender;
use crate::named::Named;
use crate::subject::Subject;

/// This program.
pub(crate) fn myself() -> PathBuf {
    std::env::current_exe().expect("the path of this program")
}

/// Adds a contender and rows as arguments.
pub(crate) fn arguments(command: &mut Command, contender: Contender, subjects: &[Subject]) {
    command.arg(contender.name()).args(subjects.iter().map(Subject::to_string));
}

/// Runs a child and reads its lines, each a row and numbers.
pub(crate) fn numbers<const N: usize>(command: &mut Command) -> BTreeMap<Subject, [f64; N]> {
    let output = command.stderr(Stdio::inherit()).output().expect("a child process can be started");
    assert!(output.status.success(), "{command:?} failed: {}", output.status);
    let text = String::from_utf8(output.stdout).expect("a child writes text");
    text.lines()
        .map(|line| read(line).unwrap_or_else(|| panic!("{line:?} is no row with {N} numbers")))
        .collect()
}

fn read<const N: usize>(line: &str) -> Option<(Subject, [f64; N])> {
    let (name, numbers) = line.split_once(' ')?;
    let numbers: Vec<_> = numbers.split(' ').map(f64::from_str).collect::<Result<_, _>>().ok()?;
    Some((name.parse().ok()?, numbers.try_into().ok()?))
}
