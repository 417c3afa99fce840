//! `cargo run --release --manifest-path benches/Cargo.toml` prints the table; `-- --help` tells what else there is.

use std::process::ExitCode;

fn main() -> ExitCode {
    benches::run()
}
