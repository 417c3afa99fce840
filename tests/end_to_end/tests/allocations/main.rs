//! The budget of a request that is not recorded, in heap allocations over those of the bare service: none on the server
//! to continue a trace, at most one to start one; on the client one for a target, the `sentry-trace` value, and none
//! for anybody else.
//!
//! Futures and bodies are polled by hand on this thread, and only its allocations are counted. Header values share
//! their bytes, as those do that hyper has parsed, and outgoing header maps have room, as those do that hold anything.

mod client;
mod measure;
mod server;
mod streamed;
