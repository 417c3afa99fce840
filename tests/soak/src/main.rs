//! Runs the whole soak and says what came of it.

use std::error::Error;
use std::process::ExitCode;

use soak::Size;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let report = soak::run(&Size { warm_up: 1_000_000, requests: 1_000_000, judges_memory: true })?;
    println!("{report}");
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
