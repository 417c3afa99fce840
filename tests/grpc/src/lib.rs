//! What the tests of gRPC share: messages of bytes, a service whose answer follows a script, and a client of it.

mod client;
mod codec;
mod script;
mod server;

pub use client::{Call, Kind};
pub use codec::BytesCodec;
pub use server::{Server, scripted};
