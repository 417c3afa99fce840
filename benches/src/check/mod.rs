//! What we cost, against the limits that are kept in `limits.toml`: so a change that makes it dearer is noticed.

mod limits;

use std::process::ExitCode;

use crate::contenders::Contender;
use crate::named::Named;
use crate::report::figures::{self, Run};
use crate::report::grid::{Grid, number, ratio};
use crate::row::Row;
use limits::{Limit, Limits};

/// By how much a rebuild alone can move the instructions of a row.
const TOLERANCE: f64 = 1.16;
/// The same for rows that are so cheap that a few instructions are more than that.
const FEW: f64 = 4.0;

/// Measures the rows that have limits and compares them; or writes what was measured as their limits.
pub(crate) fn run(update: bool) -> ExitCode {
    let mut limits = Limits::read();
    let rows: Vec<_> = limits.0.keys().copied().collect();
    let run = figures::measure(&limits.contenders(), &rows, false);
    if update {
        limits.0.iter_mut().for_each(|(row, limit)| limit.update(*row, &run));
        limits.write();
    }
    let (table, exceeded) = compare(&limits, &run);
    print!("{}", table.text());
    for message in &exceeded {
        eprintln!("{message}");
    }
    if exceeded.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(limits: &Limits, run: &Run) -> (Grid, Vec<String>) {
    let mut table = Grid::new("Ours against the limits", ["row", "limit", "measured", "figure"]);
    let mut exceeded = Vec::new();
    let mut compare = |row: Row, figure: &str, limit: String, measured: String, holds: bool| {
        if !holds {
            exceeded.push(format!("{}, {figure}: {measured}, and the limit is {limit}", row.name()));
        }
        table.rows.push(vec![row.name(), limit, measured, figure.to_owned()]);
    };
    for (&row, Limit { allocations, instructions }) in &limits.0 {
        let ours = run[&(row, Contender::Ours)];
        let limit = f64::from(*allocations);
        let holds = (ours.allocations - limit).abs() < 0.01;
        compare(row, "allocations", number(limit), number(ours.allocations), holds);
        for (contender, times) in instructions {
            let other = run[&(row, *contender)].instructions;
            let limit = (times * other * TOLERANCE).max(times * other + FEW);
            let figure = format!("times the instructions of {}", contender.name());
            let holds = ours.instructions <= limit;
            compare(row, &figure, ratio(limit / other), ratio(ours.instructions / other), holds);
        }
    }
    (table, exceeded)
}

#[cfg(test)]
mod tests;
