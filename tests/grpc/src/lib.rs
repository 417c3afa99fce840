//! What the tests of gRPC share: messages of bytes, a service whose answer follows a script, and a client of it.

mod client;
mod codec;
mod kind;
mod routes;
mod script;
mod server;

pub use client::{Call, Channel, ResponseBody};
pub use codec::BytesCodec;
pub use kind::Kind;
pub use routes::{Messages, Play, routes, scripted};
pub use server::Server;
