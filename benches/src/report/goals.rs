//! What we want to cost at most.

use crate::contenders::Contender::{self, Fastrace, Floor, Ours, Sentry};
use crate::report::figures::{Figures, Run};
use crate::report::grid::{Grid, nothing, number, ratio};
use crate::row::Row;

/// A figure of ours, by itself or as a multiple of somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Figure {
    Allocations,
    Instructions,
    InstructionsOf(Contender),
    AllocationsOf(Contender),
    /// Of our own instructions for the header that is well-formed.
    InstructionsOfParse,
}
use Figure::{Allocations, AllocationsOf, Instructions, InstructionsOf, InstructionsOfParse};

const GOALS: &[(Row, &[(Figure, f64)])] = &[
    (Row::Parse, &[(Allocations, 0.0), (InstructionsOf(Floor), 1.5), (InstructionsOf(Sentry), 0.12)]),
    (Row::ParseMalformed, &[(Allocations, 0.0), (InstructionsOfParse, 1.0)]),
    (Row::Extract, &[(Allocations, 0.0), (InstructionsOf(Floor), 1.4), (InstructionsOf(Fastrace), 0.27)]),
    (Row::Emit, &[(Allocations, 1.0), (InstructionsOf(Floor), 1.3)]),
    (Row::TargetsDefault, &[(Allocations, 0.0), (Instructions, 10.0)]),
    (Row::TargetsEmpty, &[(Allocations, 0.0), (Instructions, 10.0)]),
    (
        Row::ServerContinued,
        &[
            (Allocations, 0.0),
            (InstructionsOf(Floor), 1.5),
            (InstructionsOf(Fastrace), 0.3),
            (InstructionsOf(Sentry), 0.02),
        ],
    ),
    (Row::ServerNew, &[(Allocations, 1.0), (InstructionsOf(Floor), 1.6)]),
    (Row::Poll, &[(InstructionsOf(Floor), 1.5)]),
    (Row::Frame, &[(InstructionsOf(Floor), 1.5)]),
    (Row::ClientMatch, &[(Allocations, 1.0), (InstructionsOf(Floor), 1.6), (InstructionsOf(Fastrace), 0.45)]),
    (Row::ClientNoMatch, &[(Allocations, 0.0)]),
    (Row::ClientEmpty, &[(Allocations, 0.0)]),
    (Row::Gateway, &[(InstructionsOf(Floor), 1.5), (InstructionsOf(Sentry), 1.0 / 19.0)]),
    (Row::ServerRecorded1, &[(InstructionsOf(Sentry), 0.1), (AllocationsOf(Sentry), 0.1)]),
    (Row::ServerRecorded20, &[(InstructionsOf(Sentry), 0.1), (AllocationsOf(Sentry), 0.1)]),
];

/// Each goal that a run can tell something about: what was measured, and the limit that it keeps or exceeds.
pub(crate) fn table(run: &Run) -> Grid {
    let measured: Vec<_> = GOALS
        .iter()
        .flat_map(|(row, goals)| goals.iter().map(|(figure, limit)| (*row, *figure, *limit)))
        .filter_map(|(row, figure, limit)| Some((row, figure, figure.measured(row, run)?, limit)))
        .collect();
    let met = measured.iter().filter(|(_, _, measured, limit)| measured <= limit).count();
    let mut figures: Vec<_> = measured.iter().map(|(_, figure, ..)| *figure).collect();
    figures.sort_unstable();
    figures.dedup();
    let mut rows: Vec<_> = measured.iter().map(|(row, ..)| *row).collect();
    rows.dedup();

    let title = format!("Ours against its goals, of which {met} of {} are met", measured.len());
    let head = ["row".to_owned()].into_iter().chain(figures.iter().map(|figure| figure.title()));
    let mut table = Grid::new(&title, head);
    for row in rows {
        let cell = |figure: &Figure| {
            let goal = measured.iter().find(|(of, what, ..)| (of, what) == (&row, figure));
            goal.map_or_else(nothing, |(_, figure, measured, limit)| figure.judge(*measured, *limit))
        };
        table.rows.push([row.title().to_owned()].into_iter().chain(figures.iter().map(cell)).collect());
    }
    table
}

impl Figure {
    fn title(self) -> String {
        match self {
            Allocations => "allocations".to_owned(),
            Instructions => "instructions".to_owned(),
            InstructionsOf(contender) => format!("instructions / {}", contender.title()),
            AllocationsOf(contender) => format!("allocations / {}", contender.title()),
            InstructionsOfParse => "instructions / sampled".to_owned(),
        }
    }

    fn measured(self, row: Row, run: &Run) -> Option<f64> {
        let ours = run.get(&(row, Ours))?;
        let than = |row, contender, figure: fn(&Figures) -> f64| {
            Some(figure(ours) / figure(run.get(&(row, contender))?))
        };
        match self {
            Allocations => Some(ours.allocations),
            Instructions => Some(ours.instructions),
            InstructionsOf(contender) => than(row, contender, |figures| figures.instructions),
            AllocationsOf(contender) => than(row, contender, |figures| figures.allocations),
            InstructionsOfParse => than(Row::Parse, Ours, |figures| figures.instructions),
        }
    }

    fn judge(self, measured: f64, limit: f64) -> String {
        let print = if matches!(self, Allocations | Instructions) { number } else { ratio };
        let sign = if measured <= limit { '≤' } else { '>' };
        format!("{} {sign} {}", print(measured), print(limit))
    }
}
