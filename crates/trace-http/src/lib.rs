//! For authors of layers: one HTTP exchange in a trace, on either side, up to the last byte of the response.
//!
//! An [`Exchange`] is an [activity](trace_core::Activity) that knows when a response has ended. [`ResponseFuture`] and
//! [`TracedBody`] carry it from the call of a service to the last frame of the body. Applications use the layers of
//! `trace-server` and `trace-client`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod characters;
mod exchange;
mod future;
mod grpc;
mod length;
mod response;
mod scrub;
mod scrub_url;
mod server_attributes;

pub use body::TracedBody;
pub use exchange::Exchange;
pub use future::ResponseFuture;
pub use grpc::GrpcCall;
pub use scrub::{is_sensitive_key, scrub_path, scrub_query};
pub use scrub_url::{scrub_url, strip_credentials};
