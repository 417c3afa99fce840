//! All figures of one run.

use std::collections::BTreeMap;

use crate::contenders::Contender;
use crate::measure::instructions::Executed;
use crate::measure::{allocations, instructions, nanoseconds};
use crate::proof;
use crate::row::Row;
use crate::subject::Subject;

/// What an operation of a contender costs beyond the harness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) instructions: f64,
    /// Instructions that lock memory.
    pub(crate) locked: f64,
    pub(crate) nanoseconds: Option<f64>,
    pub(crate) allocations: f64,
}

/// The figures of every row and contender.
pub(crate) type Run = BTreeMap<(Row, Contender), Figures>;

/// Measures rows of contenders. Time is left out if it is not asked for.
pub(crate) fn measure(contenders: &[Contender], rows: &[Row], with_time: bool) -> Run {
    let bare = Gross::measure(Contender::Bare, rows, with_time);
    let mut run = Run::new();
    for &contender in contenders.iter().filter(|contender| **contender != Contender::Bare) {
        let rows: Vec<_> = rows.iter().copied().filter(|row| contender.case(*row).is_some()).collect();
        if !rows.is_empty() {
            let gross = Gross::measure(contender, &rows, with_time);
            run.extend(rows.into_iter().map(|row| ((row, contender), gross.net(&bare, row))));
        }
    }
    run
}

/// What one contender costs with the harness.
struct Gross {
    executed: BTreeMap<Subject, Executed>,
    nanoseconds: BTreeMap<Subject, f64>,
    allocations: BTreeMap<Subject, allocations::Allocations>,
}

impl Gross {
    fn measure(contender: Contender, rows: &[Row], with_time: bool) -> Self {
        proof::check(contender, rows);
        eprintln!("measuring {}", contender.title());
        let subjects: Vec<_> = rows.iter().copied().map(Subject::Row).collect();
        Self {
            executed: instructions::measure(contender, &subjects),
            nanoseconds: if with_time { nanoseconds::measure(contender, &subjects) } else { BTreeMap::new() },
            allocations: allocations::measure(contender, &subjects),
        }
    }

    fn net(&self, bare: &Self, row: Row) -> Figures {
        let row = &Subject::Row(row);
        let (own, harness) = (self.allocations[row], bare.allocations[row]);
        let (executed, around) = (self.executed[row], bare.executed[row]);
        Figures {
            instructions: executed.instructions - around.instructions,
            locked: executed.locked - around.locked,
            nanoseconds: self.nanoseconds.get(row).map(|time| time - bare.nanoseconds[row]),
            allocations: own.number - harness.number,
        }
    }
}
