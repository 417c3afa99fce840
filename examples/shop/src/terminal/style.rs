//! The colours, and text that is broken at the edge of the terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const HELD_BACK: Style = AnsiColor::Yellow.on_default();

/// The colour of a service, the same in the hops and in the waterfall.
pub(super) fn service(name: &str) -> Style {
    let color = match name {
        "storefront" => AnsiColor::BrightBlue,
        "orders" => AnsiColor::BrightMagenta,
        "inventory" => AnsiColor::BrightCyan,
        "mailer" => AnsiColor::BrightYellow,
        _ => AnsiColor::White,
    };
    color.on_default()
}

/// A mark and a style for what held and what did not.
pub(super) fn verdict(held: bool) -> (&'static str, Style) {
    if held { ("✓", GOOD) } else { ("✗", BAD) }
}

/// Writes `text` behind `label`, broken at the edge and continued under its own first letter.
pub(super) fn hanging(
    out: &mut dyn Write,
    (label, label_style): (&str, Style),
    (text, text_style): (&str, Style),
    width: usize,
) -> io::Result<()> {
    let indent = label.chars().count();
    for (index, line) in textwrap::wrap(text, width.saturating_sub(indent).max(16)).iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        writeln!(out, "{label_style}{label:indent$}{label_style:#}{text_style}{line}{text_style:#}")?;
    }
    Ok(())
}
