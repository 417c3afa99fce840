//! What the end-to-end tests share: servers and clients on loopback, bodies that follow a script, gates that a test
//! opens, and the transactions that a tracer has recorded.

mod body;
mod client;
mod gate;
mod incoming;
mod server;
mod socket;
mod transactions;

pub use body::{ScriptedBody, Step};
pub use client::{Client, text};
pub use gate::{Gate, in_time};
pub use incoming::{current_trace, sentry_trace, trace_id};
pub use server::{Protocol, Server};
pub use socket::Socket;
pub use transactions::{Transactions, assert_nothing_left, ending, recording, recording_with};
