//! The waterfall: every span a bar, to scale, below the span that caused it.

use std::io::{self, Write};

use super::style::{self, BAD, DIM};
use crate::report::Request;
use crate::waterfall::{Row, Waterfall};

const DURATION: usize = 11;

pub(super) fn draw(out: &mut dyn Write, request: &Request, width: usize) -> io::Result<()> {
    let waterfall = Waterfall::of(request);
    if waterfall.rows.is_empty() {
        return writeln!(out, "{DIM}no spans: nothing of this request was recorded{DIM:#}");
    }
    let longest = waterfall.rows.iter().map(|row| label(row).chars().count()).max().unwrap_or(0);
    let labels = longest.min(width * 9 / 20) + 1;
    let scale = Scale { total_ms: waterfall.total_ms, cells: width.saturating_sub(labels + DURATION) };

    writeln!(out, "{DIM}{:labels$}{}{DIM:#}", "", scale.axis())?;
    for row in &waterfall.rows {
        let style = style::service(row.service);
        let name = if row.transaction.is_some() { style.bold() } else { anstyle::Style::new() };
        let text = fit(&label(row), labels.saturating_sub(1));
        let (tree, text) = text.split_at(text.find(|c| !" │├└─".contains(c)).unwrap_or(0));
        let pad = labels.saturating_sub(tree.chars().count());
        let bar = scale.bar(row);
        let cells = scale.cells;
        let failed = row.span.status.as_deref().is_some_and(|status| status != "ok");
        let time = if failed { BAD } else { DIM };
        writeln!(
            out,
            "{DIM}{tree}{DIM:#}{name}{text:pad$}{name:#}{style}{bar:cells$}{style:#}{time}{:>8.1} ms{time:#}",
            row.span.duration_ms
        )?;
    }
    Ok(())
}

/// The branches of the tree, the service of a transaction or the op of a span, and the name.
fn label(row: &Row<'_>) -> String {
    let mut label = String::new();
    let depth = row.depth();
    for (level, continues) in row.continues.iter().enumerate().skip(1) {
        label.push_str(match (level == depth, continues) {
            (true, true) => "├ ",
            (true, false) => "└ ",
            (false, true) => "│ ",
            (false, false) => "  ",
        });
    }
    let kind = if row.transaction.is_some() { row.service } else { &row.span.op };
    format!("{label}{kind} {}", row.short_name())
}

fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

struct Scale {
    total_ms: f64,
    cells: usize,
}

impl Scale {
    fn cell(&self, ms: f64) -> usize {
        (ms / self.total_ms.max(f64::EPSILON) * self.cells as f64).round() as usize
    }

    /// Every span has at least one cell, so that the shortest one is seen too.
    fn bar(&self, row: &Row<'_>) -> String {
        let start = self.cell(row.span.start_ms).min(self.cells.saturating_sub(1));
        let end = self.cell(row.span.end_ms()).clamp(start + 1, self.cells.max(start + 1));
        let block = if row.transaction.is_some() { "█" } else { "▄" };
        format!("{}{}", " ".repeat(start), block.repeat(end - start))
    }

    /// Marks at round numbers of milliseconds, as many as have room.
    fn axis(&self) -> String {
        const MARK: usize = 7;
        let step = crate::waterfall::step(self.total_ms, self.cells / MARK);
        let mut axis = String::new();
        for mark in (0..).map(|index| f64::from(index) * step) {
            let text = format!("{mark} ms");
            let column = self.cell(mark);
            if mark > self.total_ms || column + text.len() > self.cells {
                return axis;
            }
            let used = axis.chars().count();
            axis.push_str(&" ".repeat(column.saturating_sub(used)));
            axis.push_str(&text);
        }
        axis
    }
}
