//! Allocations, by an allocator that counts.
//!
//! Counting costs instructions, so the allocator is that of a second program made of the same library, which is built
//! when it is first needed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use crate::contenders::Contender;
use crate::measure::child::{arguments, myself, numbers};
use crate::subject::Subject;

/// Does some work and tells what it allocated.
pub type Count = fn(&mut dyn FnMut()) -> Counted;

/// What some work allocated.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// How often.
    pub number: u64,
    /// How many more bytes there were in the end.
    pub held: i64,
}

/// What an operation allocates, with the harness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Allocations {
    pub(crate) number: f64,
    /// What is held between operations, in all.
    pub(crate) held: f64,
}

/// What the second program does: prints a line for each row.
pub(crate) fn child(count: Count, contender: Contender, subjects: &[Subject]) {
    for &subject in subjects {
        let mut case = None;
        let Counted { held, .. } = count(&mut || case = subject.case(contender));
        let mut case = case.expect("the parent asks for what there is");
        case.warm_up(subject.warm_up());
        let Counted { number, .. } = count(&mut || case.measure(subject.times()));
        println!("{subject} {} {held}", number as f64 / subject.times() as f64);
        // What a case holds is freed by its threads, which would count for the next one.
        std::mem::forget(case);
    }
}

/// Allocations per operation.
pub(crate) fn measure(contender: Contender, subjects: &[Subject]) -> BTreeMap<Subject, Allocations> {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(program);
    let mut command = Command::new(&*PROGRAM);
    arguments(&mut command, contender, subjects);
    numbers(&mut command)
        .into_iter()
        .map(|(subject, [number, held])| (subject, Allocations { number, held }))
        .collect()
}

/// Builds the second program beside this one.
fn program() -> PathBuf {
    let myself = myself();
    let target = myself.ancestors().nth(2).expect("a program lies in target/release");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--release", "--bin", "counted"])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .status()
        .expect("cargo is installed");
    assert!(status.success(), "the program that counts allocations cannot be built");
    myself.with_file_name("counted")
}
