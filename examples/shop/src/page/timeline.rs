//! The waterfall of the page: rows and marks in percent of the whole.

use crate::report::{Request, Span};
use crate::waterfall::{Row, Waterfall, step};

pub(super) struct Timeline<'a> {
    pub(super) bars: Vec<Bar<'a>>,
    pub(super) marks: Vec<Mark>,
    pub(super) total: String,
}

/// One span.
pub(super) struct Bar<'a> {
    pub(super) service: &'a str,
    pub(super) span: &'a Span,
    pub(super) name: String,
    pub(super) parent: &'a str,
    pub(super) status: &'a str,
    pub(super) failed: bool,
    /// The outcome of the transaction that the span is the root of.
    pub(super) outcome: Option<&'a str>,
    pub(super) depth: usize,
    pub(super) left: f64,
    pub(super) width: f64,
    pub(super) start: String,
    pub(super) duration: String,
}

/// A vertical line on the time axis.
pub(super) struct Mark {
    pub(super) left: f64,
    pub(super) text: String,
}

impl<'a> Timeline<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let Waterfall { rows, total_ms } = Waterfall::of(request);
        let percent = |ms: f64| (ms / total_ms.max(f64::EPSILON) * 100_000.0).round() / 1000.0;
        let step = step(total_ms, 8);
        let marks = (0..=8).map(|index| f64::from(index) * step).take_while(|ms| *ms <= total_ms * 0.97);
        Self {
            bars: rows.into_iter().map(|row| Bar::of(row, percent)).collect(),
            marks: marks.map(|ms| Mark { left: percent(ms), text: format!("{ms}") }).collect(),
            total: milliseconds(total_ms),
        }
    }
}

impl<'a> Bar<'a> {
    fn of(row: Row<'a>, percent: impl Fn(f64) -> f64) -> Self {
        let span = row.span;
        let status = span.status.as_deref().unwrap_or("–");
        Self {
            service: row.service,
            span,
            name: row.short_name(),
            parent: span.parent_span_id.as_deref().unwrap_or("none: head of the trace"),
            status,
            failed: !matches!(status, "ok" | "–"),
            outcome: row.transaction.map(|transaction| transaction.outcome.as_str()),
            depth: row.depth(),
            left: percent(span.start_ms),
            width: percent(span.duration_ms),
            start: milliseconds(span.start_ms),
            duration: milliseconds(span.duration_ms),
        }
    }
}

fn milliseconds(ms: f64) -> String {
    format!("{ms:.1} ms")
}
