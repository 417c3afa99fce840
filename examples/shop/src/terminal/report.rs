//! The whole report: one chapter a scenario, then the verdict.

use std::io::{self, Write};

use super::style::{self, BOLD, DIM, PLAIN};
use super::{hops, waterfall};
use crate::report::{Report, Request};

/// How wide to draw: the terminal's width within reason, or what every reader of a pipe has.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(60, 140))
}

/// Draws the report, in colours; the stream removes them where nobody would see them.
pub(crate) fn draw(out: &mut dyn Write, report: &Report, width: usize) -> io::Result<()> {
    for request in report.worth_showing() {
        chapter(out, request, width)?;
    }
    verdict(out, report)
}

fn chapter(out: &mut dyn Write, request: &Request, width: usize) -> io::Result<()> {
    let (mark, style) = style::verdict(request.held);
    let title = format!("── {} ", request.scenario);
    let line = "─".repeat(width.saturating_sub(title.chars().count() + 4));
    writeln!(out, "{BOLD}{title}{BOLD:#}{DIM}{line}{DIM:#} {style}{mark}{style:#} {DIM}─{DIM:#}")?;
    style::hanging(out, ("", PLAIN), (&request.description, DIM), width)?;
    writeln!(out)?;
    hops::draw(out, request, width)?;
    writeln!(out)?;
    waterfall::draw(out, request, width)?;
    writeln!(out)?;
    for expectation in &request.expectations {
        let (mark, style) = style::verdict(expectation.held);
        style::hanging(out, (&format!("{mark} "), style), (&expectation.text, PLAIN), width)?;
    }
    writeln!(out)
}

fn verdict(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let expectations = || report.requests.iter().flat_map(|request| &request.expectations);
    let held = expectations().filter(|expectation| expectation.held).count();
    let (mark, style) = style::verdict(report.held);
    let all = expectations().count();
    let requests = match report.requests.len() {
        1 => "1 request".to_owned(),
        number => format!("{number} requests"),
    };
    writeln!(out, "{style}{mark} {held} of {all} expectations held{style:#}, {requests}")
}
