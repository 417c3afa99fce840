//! Runs the whole soak and says what came of it. With `--stream`, spans are streamed. With `--delivery` and a number of
//! transactions, so many are delivered to a collector that changes its mood.

use std::error::Error;
use std::process::ExitCode;

use soak::{Amount, Size};
use trace_core::TraceLifecycle;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let lifecycle = match std::env::args().nth(1).as_deref() {
        None => TraceLifecycle::Static,
        Some("--stream") => TraceLifecycle::Stream,
        Some("--delivery") => {
            let transactions = std::env::args().nth(2).ok_or("how many transactions?")?.parse()?;
            soak::deliver(&Amount { transactions, ..Amount::default() })?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(other) => return Err(format!("{other} is no option; there are --stream and --delivery").into()),
    };
    let (warm_up, requests, spans) = (1_000_000, 1_000_000, 1_000_000);
    let report = soak::run(&Size { lifecycle, warm_up, requests, spans, judges_memory: true })?;
    println!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
