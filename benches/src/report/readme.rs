//! The figures that stand in documents: a sentence in the README, the picture beside it, and all tables.

use std::fs;

use crate::contenders::Contender::{self, Fastrace, Opentelemetry, Ours, Sentry};
use crate::loopback;
#[cfg(test)]
use crate::report::figures::Figures;
use crate::report::figures::Run;
use crate::report::grid::{Grid, number};
use crate::report::{svg, tables, versions};
use crate::row::Row;
use crate::scale::{self, Axis};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const COSTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/costs.md");
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.svg");

const BEGIN: &str = "<!-- Written by `benches readme` -->\n";
const END: &str = "<!-- End of the figures -->\n";

/// Writes the figures of a run between the marks of each document, and the picture.
pub(crate) fn write(run: &Run) {
    write_into(README, &summary(run).expect("a run of all contenders"));
    write_into(COSTS, &costs(run));
    fs::write(PICTURE, svg::draw(run)).expect("the picture can be written");
}

/// The cost of a request that is only passed on, ours and that of the peers; and of one that is recorded, up to what is sent.
fn summary(run: &Run) -> Option<String> {
    let figures = |row, contender| run.get(&(row, contender));
    let of = |row, contender| figures(row, contender).map(|it| number(it.instructions));
    let instructions = |contender| of(Row::ServerContinued, contender);
    let to_bytes = |contender| of(Row::ToBytes20, contender);
    let allocations = match number(figures(Row::ServerContinued, Ours)?.allocations) {
        none if none == "0" => "no allocation".to_owned(),
        some => format!("{some} allocations"),
    };
    Some(format!(
        "A continued request that is not recorded costs {} instructions and {allocations} beyond the bare service; \
         fastrace-tower takes {}, OpenTelemetry {}, and sentry-tower, which records it, {}. One that is recorded with 20 spans costs {} up to the bytes \
         of its envelope, with sentry-tower {}.\n",
        instructions(Ours)?,
        instructions(Fastrace)?,
        instructions(Opentelemetry)?,
        instructions(Sentry)?,
        to_bytes(Ours)?,
        to_bytes(Sentry)?,
    ))
}

fn costs(run: &Run) -> String {
    let loopback = loopback::table(&loopback::measure(Contender::all()));
    [
        section("One operation", &tables::of(run)),
        section("Growth", &scale::measure(Axis::all())),
        section("HTTP over loopback", &[loopback]),
        versions::text(),
    ]
    .join("\n")
}

fn section(title: &str, tables: &[Grid]) -> String {
    let tables: Vec<_> = tables.iter().map(Grid::markdown).collect();
    format!("## {title}\n\n{}", tables.join("\n"))
}

fn write_into(path: &str, part: &str) {
    let document = fs::read_to_string(path).expect("the document is there");
    let document = replace_figures(&document, part).expect("the document has both marks");
    fs::write(path, document).expect("the document can be written");
}

/// Replaces the text between the marks, or returns `None` if the document lacks one of them.
fn replace_figures(document: &str, part: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{part}\n{END}{after}"))
}

#[test]
fn figures_are_replaced_between_the_marks() {
    let document = |part| format!("before\n{BEGIN}\n{part}\n{END}after\n");
    assert_eq!(replace_figures(&document("old\n"), "new\n"), Some(document("new\n")));
    for incomplete in ["", BEGIN, END, &format!("{END}{BEGIN}")] {
        assert_eq!(replace_figures(incomplete, "new\n"), None);
    }
}

#[test]
fn documents_have_a_place_for_figures() {
    for path in [README, COSTS] {
        let document = fs::read_to_string(path).unwrap();
        assert!(replace_figures(&document, "").is_some(), "{path} lacks a mark");
    }
}

#[test]
fn the_summary_compares_the_same_row() {
    let of = |instructions, allocations| Figures { instructions, allocations, ..Figures::default() };
    let mut run = Run::from(
        [(Ours, of(1079.0, 0.0)), (Fastrace, of(3328.0, 1.0)), (Sentry, of(47604.0, 87.0))]
            .map(|(contender, figures)| ((Row::ServerContinued, contender), figures)),
    );
    assert_eq!(summary(&run), None);
    run.insert((Row::ServerContinued, Opentelemetry), of(78160.0, 67.0));
    assert_eq!(summary(&run), None);
    run.insert((Row::ToBytes20, Ours), of(115_525.0, 24.0));
    run.insert((Row::ToBytes20, Sentry), of(310_934.0, 300.0));
    let expected = "A continued request that is not recorded costs 1,079 instructions and no allocation beyond the \
                    bare service; fastrace-tower takes 3,328, OpenTelemetry 78,160, and sentry-tower, which records \
                    it, 47,604. One that is recorded with 20 spans costs 115,525 up to the bytes of its envelope, with \
                    sentry-tower 310,934.\n";
    assert_eq!(summary(&run).unwrap(), expected);
}
