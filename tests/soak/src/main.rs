//! Runs the whole soak and says what came of it. With `--stream`, spans are streamed.

use std::error::Error;
use std::process::ExitCode;

use soak::Size;
use trace_core::TraceLifecycle;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let lifecycle = match std::env::args().nth(1).as_deref() {
        None => TraceLifecycle::Static,
        Some("--stream") => TraceLifecycle::Stream,
        Some(other) => return Err(format!("{other} is no option; there is --stream").into()),
    };
    let (warm_up, requests, spans) = (1_000_000, 1_000_000, 1_000_000);
    let report = soak::run(&Size { lifecycle, warm_up, requests, spans, judges_memory: true })?;
    println!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
