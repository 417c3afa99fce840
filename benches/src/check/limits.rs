//! The file of the limits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::{Deserialize, Serialize};

use crate::contenders::Contender;
use crate::report::figures::Run;
use crate::row::Row;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/limits.toml");

const HEAD: &str = "\
# What we cost in each row: so many allocations, and so many times the instructions of the contender that is named.
# `benches check` fails if there is another number of allocations, or if the instructions exceed this by 16 % and by 4.
# After a change that is meant to cost more or less: `benches check --update` writes what it measures.

";

/// The limits of all rows that have some.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Limits(pub(super) BTreeMap<Row, Limit>);

/// The limits of one row.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Limit {
    /// Exactly so many.
    pub(super) allocations: u32,
    /// At most so many times the instructions of these.
    #[serde(flatten)]
    pub(super) instructions: BTreeMap<Contender, f64>,
}

impl Limits {
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(FILE).unwrap_or_else(|error| panic!("{FILE}: {error}"));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{FILE}: {error}"))
    }

    pub(super) fn write(&self) {
        let text = toml::to_string(self).expect("rows with numbers are TOML");
        fs::write(FILE, HEAD.to_owned() + &text).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    }

    /// Everyone who has to be measured.
    pub(super) fn contenders(&self) -> Vec<Contender> {
        let others: BTreeSet<_> =
            self.0.values().flat_map(|limit| limit.instructions.keys().copied()).collect();
        others.into_iter().chain([Contender::Ours]).collect()
    }
}

impl Limit {
    pub(super) fn update(&mut self, row: Row, run: &Run) {
        let ours = run[&(row, Contender::Ours)];
        self.allocations = ours.allocations.round() as u32;
        for (contender, times) in &mut self.instructions {
            let exact = ours.instructions / run[&(row, *contender)].instructions;
            *times = (exact * 1000.0).round() / 1000.0;
        }
    }
}
