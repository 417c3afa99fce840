//! The tables of the scales.

use std::collections::BTreeMap;

use crate::contenders::Contender;
use crate::measure::allocations::{self, Allocations};
use crate::measure::instructions::{self, Executed};
use crate::named::Named;
use crate::report::grid::{Grid, nothing, number};
use crate::scale::{Axis, RUNNING};
use crate::subject::Subject;

/// Measures scales. The figures are beyond the harness.
pub(crate) fn measure(axes: &[Axis]) -> Vec<Grid> {
    let bare = Costs::of(Contender::Bare, axes);
    let costs: Vec<_> = Contender::all()
        .iter()
        .filter(|contender| **contender != Contender::Bare)
        .map(|contender| (*contender, Costs::of(*contender, axes)))
        .collect();
    let of_instructions = axes.iter().filter(|axis| **axis != Axis::Ended);
    let mut tables: Vec<_> = of_instructions.map(|axis| table(*axis, &bare, &costs)).collect();
    if axes.contains(&Axis::InFlight) {
        tables.push(memory(&bare, &costs));
    }
    if axes.contains(&Axis::Ended) {
        tables.push(ended(&bare, &costs));
    }
    tables
}

struct Costs {
    executed: BTreeMap<Subject, Executed>,
    allocations: BTreeMap<Subject, Allocations>,
}

impl Costs {
    fn of(contender: Contender, axes: &[Axis]) -> Self {
        eprintln!("measuring {}", contender.title());
        let points = axes.iter().flat_map(|axis| axis.values().iter().map(|value| (*axis, *value)));
        let there = points.map(|(axis, value)| Subject::Scaled(axis, value));
        let there: Vec<_> = there.filter(|subject| subject.case(contender).is_some()).collect();
        // Of the spans that have ended, only memory is told.
        let is_counted = |subject: &Subject| !matches!(subject, Subject::Scaled(Axis::Ended, _));
        let counted: Vec<_> = there.iter().copied().filter(is_counted).collect();
        Self {
            executed: instructions::measure(contender, &counted),
            allocations: allocations::measure(contender, &there),
        }
    }
}

fn table(axis: Axis, bare: &Costs, costs: &[(Contender, Costs)]) -> Grid {
    let there: Vec<_> = costs
        .iter()
        .filter(|(_, costs)| costs.executed.contains_key(&Subject::Scaled(axis, axis.values()[0])))
        .collect();
    let names = there.iter().map(|(contender, _)| contender.title().to_owned());
    let head = [axis.name()].into_iter().chain(names).chain(["allocations, ours".to_owned()]);
    let mut table = Grid::new(&format!("Instructions by {}", axis.title()), head);
    for &value in axis.values() {
        let subject = Subject::Scaled(axis, value);
        let mut cells = vec![number(value as f64)];
        cells.extend(there.iter().map(|(_, costs)| match costs.executed.get(&subject) {
            Some(executed) => number(executed.instructions - bare.executed[&subject].instructions),
            None => nothing(),
        }));
        let ours = there.iter().find(|(contender, _)| *contender == Contender::Ours);
        let allocations =
            ours.map(|(_, costs)| costs.allocations[&subject].number - bare.allocations[&subject].number);
        cells.extend(allocations.map(number));
        table.rows.push(cells);
    }
    table
}

/// Bytes that a running request holds: its future, its context, and what both have on the heap.
fn memory(bare: &Costs, costs: &[(Contender, Costs)]) -> Grid {
    let (few, many) = (1, 10_000);
    let held = |costs: &Costs, number| {
        costs.allocations.get(&Subject::Scaled(Axis::InFlight, number)).map(|it| it.held)
    };
    let each = |costs: &Costs| Some((held(costs, many)? - held(costs, few)?) / (many - few) as f64);
    let mut table = Grid::new("Bytes that a running request holds", ["contender", "in all", "beyond bare"]);
    let bare = each(bare).unwrap_or_default();
    table.rows.push(vec!["bare".to_owned(), number(bare), number(0.0)]);
    for (contender, costs) in costs {
        if let Some(bytes) = each(costs) {
            table.rows.push(vec![contender.title().to_owned(), number(bytes), number(bytes - bare)]);
        }
    }
    table
}

/// Bytes that a recorded request holds while it runs, by the number of its spans that have ended.
fn ended(bare: &Costs, costs: &[(Contender, Costs)]) -> Grid {
    let held = |costs: &Costs, spans| {
        costs.allocations.get(&Subject::Scaled(Axis::Ended, spans)).map(|it| it.held / RUNNING as f64)
    };
    let spans = Axis::Ended.values().iter().map(|spans| format!("{spans} spans ended"));
    let head = ["contender".to_owned()].into_iter().chain(spans);
    let mut table = Grid::new("Bytes that a running request holds which is recorded, beyond bare", head);
    for (contender, costs) in costs {
        let each = |spans: &usize| Some(held(costs, *spans)? - held(bare, *spans)?);
        let cells: Option<Vec<_>> =
            Axis::Ended.values().iter().map(|spans| each(spans).map(number)).collect();
        table
            .rows
            .extend(cells.map(|cells| [contender.title().to_owned()].into_iter().chain(cells).collect()));
    }
    table
}
