//! The figures in the README, and the picture that it shows.

use std::fs;

use crate::contenders::Contender;
use crate::report::figures::Run;
use crate::report::grid::Grid;
use crate::report::{goals, svg, tables, versions};
use crate::{loopback, scale, threads};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.svg");

const BEGIN: &str = "<!-- From here to the end of the figures `benches readme` writes. -->\n";
const END: &str = "<!-- The end of the figures. -->\n";

/// Writes the part of the README between two marks, and the picture.
pub(crate) fn write(run: &Run) {
    let readme = fs::read_to_string(README).expect("the README is there");
    let marks = readme.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = marks.expect("the README has both marks");
    let text = format!("{before}{BEGIN}\n{}{END}{after}", part(run));
    fs::write(README, text).expect("the README can be written");
    fs::write(PICTURE, svg::draw(run)).expect("the picture can be written");
}

fn part(run: &Run) -> String {
    let mut all = tables::of(run).into_iter();
    let first: Vec<_> = all.by_ref().take(1).chain([goals::table(run)]).collect();
    let rest: Vec<_> = all.collect();
    let together = [threads::measure(), loopback::table(&loopback::measure(Contender::all()))];
    [
        "![Instructions per operation, as bars for each contender](docs/cost.svg)\n".to_owned(),
        join(&first),
        folded("Allocations, locked instructions and nanoseconds", &rest),
        folded("How the cost grows", &scale::measure()),
        folded("Two threads, and HTTP over loopback", &together),
        versions::text(),
    ]
    .join("\n")
}

fn join(tables: &[Grid]) -> String {
    tables.iter().map(Grid::markdown).collect::<Vec<_>>().join("\n")
}

/// Tables that one has to click to see.
fn folded(title: &str, tables: &[Grid]) -> String {
    format!("<details>\n<summary>{title}</summary>\n\n{}\n</details>\n", join(tables))
}
