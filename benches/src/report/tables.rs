//! The tables of a run.

use crate::contenders::Contender;
use crate::report::figures::{Figures, Run};
use crate::report::grid::{Grid, nothing, number, ratio};
use crate::row::Row;

/// A table for each measure.
pub(crate) fn of(run: &Run) -> Vec<Grid> {
    let mut tables = vec![
        instructions(run),
        plain(run, "Allocations per operation", |figures| Some(figures.allocations)),
        plain(run, "Locked instructions per operation", |figures| Some(figures.locked)),
    ];
    if run.values().any(|figures| figures.nanoseconds.is_some()) {
        tables.push(plain(run, "Nanoseconds of processor time per operation, a low quantile", |figures| {
            figures.nanoseconds
        }));
    }
    tables
}

fn instructions(run: &Run) -> Grid {
    let mut table =
        plain(run, "Instructions per operation, beyond the harness", |figures| Some(figures.instructions));
    table.head.extend(["ours / floor", "ours / best peer"].map(str::to_owned));
    for (row, cells) in rows(run).zip(&mut table.rows) {
        let of = |contender| run.get(&(row, contender)).map(|figures| figures.instructions);
        let (ours, floor, best) = (of(Contender::Ours), of(Contender::Floor), best_peer(run, row));
        for other in [floor, best] {
            cells.push(ours.zip(other).map_or_else(nothing, |(ours, other)| ratio(ours / other)));
        }
    }
    table
}

/// The fewest instructions of those who propagate a trace.
fn best_peer(run: &Run, row: Row) -> Option<f64> {
    let peers = Contender::all().iter().filter(|contender| contender.is_peer());
    let costs = peers.filter_map(|contender| Some(run.get(&(row, *contender))?.instructions));
    costs.min_by(f64::total_cmp)
}

fn plain(run: &Run, title: &str, figure: impl Fn(&Figures) -> Option<f64>) -> Grid {
    let contenders: Vec<_> = contenders(run).collect();
    let mut table = Grid::new(title, ["row"].into_iter().chain(contenders.iter().map(|it| it.title())));
    for row in rows(run) {
        let cell = |contender: &Contender| {
            let figure = run.get(&(row, *contender)).and_then(&figure);
            figure.map_or_else(nothing, number)
        };
        table.rows.push([row.title().to_owned()].into_iter().chain(contenders.iter().map(cell)).collect());
    }
    table
}

fn rows(run: &Run) -> impl Iterator<Item = Row> {
    let is_there = |row: &Row| run.keys().any(|(there, _)| there == row);
    Row::all().iter().copied().filter(is_there)
}

fn contenders(run: &Run) -> impl Iterator<Item = Contender> {
    let is_there = |contender: &Contender| run.keys().any(|(_, there)| there == contender);
    Contender::all().iter().copied().filter(is_there)
}
