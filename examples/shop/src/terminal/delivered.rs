//! The lines about the delivery.

use std::io::{self, Write};

use super::style;
use crate::delivery::{Copied, Delivered, Outcome};

/// Draws a line for each destination; the stream removes the colours where nobody would see them.
pub(crate) fn draw_outcome(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let Outcome { delivered, copied } = outcome;
    delivered.iter().try_for_each(|delivered| draw_delivered(out, delivered))?;
    copied.iter().try_for_each(|copied| draw_copied(out, copied))
}

fn draw_delivered(out: &mut dyn Write, delivered: &Delivered) -> io::Result<()> {
    let Delivered { url, unit, finished, accepted, failure } = delivered;
    let (mark, style) = style::verdict(delivered.is_complete());
    if delivered.is_complete() {
        return writeln!(out, "{style}{mark} {finished} {unit} delivered{style:#} to {url}");
    }
    let failure = failure.as_deref().unwrap_or("the rest was not answered within 5 seconds");
    writeln!(out, "{style}{mark} {accepted} of {finished} {unit} delivered{style:#} to {url}: {failure}")
}

fn draw_copied(out: &mut dyn Write, copied: &Copied) -> io::Result<()> {
    let Copied { url, sent, failure } = copied;
    let (mark, style) = style::verdict(*sent > 0 && failure.is_none());
    let failure = failure.as_deref().map(|failure| format!(": {failure}")).unwrap_or_default();
    writeln!(out, "{style}{mark} {sent} transactions copied{style:#} to Spotlight at {url}{failure}")
}
