//! The tables of the scales.

use std::collections::BTreeMap;

use crate::contenders::Contender;
use crate::measure::allocations::{self, Allocations};
use crate::measure::instructions::{self, Executed};
use crate::named::Named;
use crate::report::grid::{Grid, nothing, number};
use crate::scale::Axis;
use crate::subject::Subject;

/// Measures scales. The figures are beyond the harness.
pub(crate) fn measure(axes: &[Axis]) -> Vec<Grid> {
    let bare = Costs::of(Contender::Bare, axes);
    let costs: Vec<_> = Contender::all()
        .iter()
        .filter(|contender| **contender != Contender::Bare)
        .map(|contender| (*contender, Costs::of(*contender, axes)))
        .collect();
    let mut tables: Vec<_> = axes.iter().map(|axis| table(*axis, &bare, &costs)).collect();
    if axes.contains(&Axis::InFlight) {
        tables.push(memory(&bare, &costs));
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
        Self {
            executed: instructions::measure(contender, &there),
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
