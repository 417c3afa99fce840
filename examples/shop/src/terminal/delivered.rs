//! The line about the delivery.

use std::io::{self, Write};

use super::style;
use crate::delivery::Delivered;

/// Draws it; the stream removes the colours where nobody would see them.
pub(crate) fn draw_delivered(out: &mut dyn Write, delivered: &Delivered) -> io::Result<()> {
    let Delivered { url, finished, accepted, failure } = delivered;
    let (mark, style) = style::verdict(delivered.is_complete());
    if delivered.is_complete() {
        return writeln!(out, "{style}{mark} {finished} transactions delivered{style:#} to {url}");
    }
    let failure = failure.as_deref().unwrap_or("the rest was not answered within 5 seconds");
    writeln!(
        out,
        "{style}{mark} {accepted} of {finished} transactions delivered{style:#} to {url}: {failure}"
    )
}
