//! The adapter between actix-web and the layer of `trace-server`: three files to copy.
//!
//! actix-web has services, bodies and header types of its own. The adapter shows the layer each request and response as
//! those of the crate `http`, and the layer does the rest, as for every other server.

pub mod adapter;
pub mod body;
mod convert;
