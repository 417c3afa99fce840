//! The flags of the command line.

use std::path::PathBuf;

use clap::Parser;

use crate::delivery::Destination;

/// Sends requests with the headers of real SDKs through five services and shows each trace.
///
/// storefront calls orders, orders calls inventory and a courier that is not a target, and hands a
/// message to mailer. All of them listen on loopback, on ports chosen by the system.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// How many requests to send; the scenarios take turns
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) requests: u64,

    /// Print one JSON document instead of the drawing
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the waterfall as one self-contained HTML page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Keep the services running afterwards and print their URLs
    #[arg(long)]
    pub(crate) serve: bool,

    /// Also deliver the transactions to this DSN, over http
    #[arg(long, value_name = "DSN")]
    pub(crate) dsn: Option<Destination>,
}
