//! Where the report goes: the terminal or one JSON document, a page, and meanwhile a progress bar.

use std::fs::File;
use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::delivery::Outcome;
use crate::flags::{Flags, refuse};
use crate::report::Report;
use crate::services::Shop;
use crate::{page, terminal};

/// Opens the file of `--html` before anything is sent. If that fails, it is a bad flag and the program ends.
pub(crate) fn page_file(flags: &Flags) -> Option<File> {
    let path = flags.html.as_ref()?;
    let file = File::create(path).unwrap_or_else(|error| {
        refuse(format!("invalid value '{}' for '--html <FILE>': {error}", path.display()))
    });
    Some(file)
}

/// A bar on the terminal; nothing is shown elsewhere.
pub(crate) fn progress(requests: u64) -> ProgressBar {
    let bar = ProgressBar::new(requests);
    if let Ok(style) =
        ProgressStyle::with_template("sending {bar:40.cyan/blue} {pos} of {len} requests, {eta} left")
    {
        bar.set_style(style.progress_chars("━━─"));
    }
    bar
}

/// Prints what the flags ask for to the standard output.
pub(crate) fn print(flags: &Flags, report: &Report) -> io::Result<()> {
    let printed = if flags.json {
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, report).map_err(io::Error::from).and_then(|()| writeln!(out))
    } else {
        let mut out = io::BufWriter::new(anstream::stdout());
        terminal::draw(&mut out, report, terminal::width()).and_then(|()| out.flush())
    };
    unless_unread(printed)
}

/// Writes the page.
pub(crate) fn write_page(mut file: File, report: &Report) -> io::Result<()> {
    let page = page::render(report).map_err(io::Error::other)?;
    file.write_all(page.as_bytes())
}

/// Tells in a line for each destination what arrived: on the standard output, unless that is a document.
pub(crate) fn print_outcome(flags: &Flags, outcome: &Outcome) -> io::Result<()> {
    unless_unread(if flags.json {
        terminal::draw_outcome(&mut anstream::stderr(), outcome)
    } else {
        terminal::draw_outcome(&mut anstream::stdout(), outcome)
    })
}

/// Tells where the services are: on the standard output, unless that is a document.
pub(crate) fn print_addresses(flags: &Flags, shop: &Shop) -> io::Result<()> {
    let mut out: Box<dyn Write> = if flags.json { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
    for (name, address) in &shop.addresses {
        writeln!(out, "{name:10} http://{address}")?;
    }
    writeln!(out, "\ntry   curl http://{}/checkout/7\nstop  Ctrl-C", shop.storefront)
}

/// Whoever reads a pipe may stop when it has seen enough.
fn unless_unread(printed: io::Result<()>) -> io::Result<()> {
    printed.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
