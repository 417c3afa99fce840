//! The figures in the README, the picture that it shows, and the document with all tables.

use std::fs;

use crate::contenders::Contender;
use crate::report::figures::Run;
use crate::report::grid::Grid;
use crate::report::{goals, svg, tables, versions};
use crate::scale::{self, Axis};
use crate::{loopback, threads};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.svg");
const COSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/costs.md");

const BEGIN: &str = "<!-- From here to the end of the figures `benches readme` writes. -->\n";
const END: &str = "<!-- The end of the figures. -->\n";

/// Writes the part of the README between two marks, the picture, and all other tables.
pub(crate) fn write(run: &Run) {
    let mut all = tables::of(run).into_iter();
    let first = all.by_ref().take(1).map(|table| table.markdown()).collect();
    let rest: Vec<_> = all.collect();

    let readme = fs::read_to_string(README).expect("the README is there");
    let marks = readme.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = marks.expect("the README has both marks");
    let picture = "![Instructions per operation, as bars for each contender](docs/cost.svg)\n".to_owned();
    let part = [picture, first, versions::text()].join("\n");
    fs::write(README, format!("{before}{BEGIN}\n{part}{END}{after}")).expect("the README can be written");
    fs::write(PICTURE, svg::draw(run)).expect("the picture can be written");
    fs::write(COSTS, costs(run, &rest)).expect("the tables can be written");
}

fn costs(run: &Run, rest: &[Grid]) -> String {
    let threads = threads::measure();
    let loopback = loopback::table(&loopback::measure(Contender::all()));
    [
        "# What it costs, in full\n".to_owned(),
        "`benches readme` wrote this in one run with the table of the [README](../README.md#what-it-costs), which tells \
         what is measured and how.\n"
            .to_owned(),
        section("Our goals", &[goals::table(run)]),
        section("Allocations, locked instructions and nanoseconds", rest),
        section("How the cost grows", &scale::measure(Axis::all())),
        section("Two threads, and HTTP over loopback", &[threads, loopback]),
        versions::text(),
    ]
    .join("\n")
}

fn section(title: &str, tables: &[Grid]) -> String {
    format!("## {title}\n\n{}", join(tables))
}

fn join(tables: &[Grid]) -> String {
    tables.iter().map(Grid::markdown).collect::<Vec<_>>().join("\n")
}
