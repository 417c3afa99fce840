//! The instructions of a run as a picture: bars on a logarithmic scale, readable on light and on dark ground.

use std::fmt::Write;

use crate::contenders::Contender;
use crate::report::figures::Run;
use crate::report::grid::number;
use crate::row::Row;

/// The rows that are shown: one for each kind of work.
const ROWS: [Row; 12] = [
    Row::Parse,
    Row::Extract,
    Row::Emit,
    Row::ServerContinued,
    Row::ServerNew,
    Row::Poll,
    Row::Frame,
    Row::ClientMatch,
    Row::ClientNoMatch,
    Row::Gateway,
    Row::ToBytes1,
    Row::ToBytes20,
];

const WIDTH: f64 = 920.0;
const LEFT: f64 = 222.0;
const RIGHT: f64 = 820.0;
const TOP: f64 = 88.0;
const BAR: f64 = 10.0;
const GAP: f64 = 12.0;
/// The scale goes over so many powers of ten.
const DECADES: i32 = 6;

/// Grey enough for both grounds.
const TEXT: &str = "#7a838f";

pub(crate) fn draw(run: &Run) -> String {
    let contenders: Vec<_> = Contender::all().iter().filter(|it| **it != Contender::Bare).copied().collect();
    let mut bars = String::new();
    let mut y = TOP + 8.0;
    for row in ROWS.into_iter().filter(|row| run.contains_key(&(*row, Contender::Ours))) {
        let first = y;
        for &contender in &contenders {
            if let Some(figures) = run.get(&(row, contender)) {
                bars += &bar(contender, y, figures.instructions, figures.allocations);
                y += BAR + 2.0;
            }
        }
        let middle = (first + y) / 2.0 + 3.0;
        let title = row.title();
        bars += &format!("<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{title}</text>\n", LEFT - 12.0);
        y += GAP;
    }
    let height = y + 16.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{TEXT}\">\n<title>Instructions per operation</title>\n{}{}{bars}</svg>\n",
        legend(&contenders),
        scale(y),
    )
}

fn bar(contender: Contender, y: f64, instructions: f64, allocations: f64) -> String {
    let end = x(instructions);
    let length = (end - LEFT).max(1.0);
    let color = contender.color();
    let weight = if contender == Contender::Ours { " font-weight=\"bold\"" } else { "" };
    let label = match number(allocations).as_str() {
        "0" => number(instructions),
        "1" => format!("{} · 1 allocation", number(instructions)),
        allocations => format!("{} · {allocations} allocations", number(instructions)),
    };
    format!(
        "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"1.5\" fill=\"{color}\"/>\n\
         <text x=\"{:.1}\" y=\"{}\" font-size=\"9.5\"{weight}>{label}</text>\n",
        LEFT + length + 5.0,
        y + 8.5,
    )
}

/// Where a number of instructions stands; what is below 1 stands at the beginning.
fn x(instructions: f64) -> f64 {
    LEFT + instructions.max(1.0).log10() / f64::from(DECADES) * (RIGHT - LEFT)
}

fn legend(contenders: &[Contender]) -> String {
    let mut text = String::from(
        "<text x=\"16\" y=\"24\" font-size=\"16\" font-weight=\"bold\">Instructions per operation</text>\n\
         <text x=\"16\" y=\"42\" font-size=\"11\">beyond the bare harness, by callgrind; logarithmic; shorter is \
         better; with the allocations, if there are any</text>\n",
    );
    let mut at = 16.0;
    for contender in contenders {
        let (color, title) = (contender.color(), contender.title());
        let weight = if *contender == Contender::Ours { " font-weight=\"bold\"" } else { "" };
        let _infallible = write!(
            text,
            "<rect x=\"{at}\" y=\"54\" width=\"11\" height=\"11\" rx=\"2\" fill=\"{color}\"/>\n\
             <text x=\"{}\" y=\"63.5\"{weight}>{title}</text>\n",
            at + 16.0,
        );
        at += 40.0 + 6.8 * title.len() as f64;
    }
    text
}

fn scale(bottom: f64) -> String {
    let ticks = (0..=DECADES).map(|decade| {
        let (at, count) = (x(10_f64.powi(decade)), number(10_f64.powi(decade)));
        format!(
            "<line x1=\"{at:.1}\" y1=\"{}\" x2=\"{at:.1}\" y2=\"{bottom}\" stroke=\"{TEXT}\" stroke-opacity=\"0.25\"/>\n\
             <text x=\"{at:.1}\" y=\"{}\" font-size=\"10\" text-anchor=\"middle\">{count}</text>\n",
            TOP,
            TOP - 5.0,
        )
    });
    ticks.collect()
}
