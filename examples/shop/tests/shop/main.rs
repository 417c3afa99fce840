//! Runs the real program and reads what it prints.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod delivery;
mod drawings;
mod flags;
mod json;
#[cfg(unix)]
mod serve;
mod spotlight;
mod undelivered;

use std::process::{Command, Output};

use serde_json::Value;

const SCENARIOS: [&str; 6] =
    ["sampled", "unsampled", "deferred", "another organization", "malformed", "no headers"];

/// The program with these flags, whatever the environment of whoever runs the tests says of delivery.
fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.args(flags).env_remove("SENTRY_DSN").env_remove("SENTRY_SPOTLIGHT");
    command
}

fn run(flags: &[&str]) -> Output {
    command(flags).output().unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn requests(document: &Value) -> impl Iterator<Item = &Value> {
    document["requests"].as_array().unwrap().iter()
}

fn service<'a>(request: &'a Value, name: &str) -> &'a Value {
    request["services"].as_array().unwrap().iter().find(|service| service["name"] == name).unwrap()
}
