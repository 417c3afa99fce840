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

use std::net::SocketAddr;
use std::process::{Command, Output};

use serde_json::Value;
use tokio::net::TcpSocket;

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

/// An address at which nobody listens, and nobody else can as long as the socket lives.
fn nobody() -> (TcpSocket, SocketAddr) {
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = bound.local_addr().unwrap();
    (bound, address)
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
