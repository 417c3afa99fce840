//! The transport for the official client: HTTP with several requests at a time.
//!
//! Sources: Sentry's documents Transport, Envelopes, Rate Limiting, and Client Reports.

mod endpoint;
mod factory;
#[cfg(test)]
mod ledger;
mod limits;
mod outbox;
mod parcel;
mod running;
mod trace;
mod worker;

pub use factory::Transport;
pub(crate) use limits::Category;
pub(crate) use outbox::{LARGEST_TRANSACTION, Outbox};
pub(crate) use parcel::Parcel;
