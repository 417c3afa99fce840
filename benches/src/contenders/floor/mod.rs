//! The floor: written by hand, with nothing but the work. It is a limit to compare with, not a proposal.
//!
//! It is safe Rust, as all of the project is; with `unsafe` it would be lower still. What it does: one scan of the
//! headers, hex checked, members of `baggage` checked to be Sentry's, a span id from a generator that is quick and no
//! more, a thread-local pointer swapped round each poll and frame, both headers
//! written for a target.
//!
//! What it does not do: no rules of continuation (organizations, `baggage` of another trace, several lines, foreign
//! members, limits), no sampling, no recording, no observer, no look at headers that are there already, nothing against
//! panics. A case that it does not expect goes untraced.

mod baggage;
mod cases;
mod client;
mod context;
mod current;
mod header;
mod hex;
mod server;
mod targets;

pub(super) use cases::{case, gateway, in_flight, server};
pub(super) use server::Server;
