//! gRPC over HTTP, as far as headers and trailers show it.
//!
//! Source: the gRPC document "gRPC over HTTP2", and tonic, whose reading of a status is used here.

mod answer;
mod call;
mod content_type;
mod record;
mod status;
mod timeout;

pub(crate) use answer::GrpcAnswer;
pub use call::GrpcCall;
pub(crate) use content_type::{claims_grpc, is_grpc};
pub(crate) use record::{
    CLIENT_OPERATION, record_claim, record_client, record_server, record_status, refute_claim,
};
pub(crate) use status::{GrpcStatus, code_name, status_without_code};
