//! The transport against a server on a real socket.

#![cfg(feature = "transport")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accounts;
mod bad_servers;
mod client;
mod closing;
mod official;
mod parallel;
mod requests;
mod runtimes;
mod server;
mod through_the_sink;
mod trace_header;
