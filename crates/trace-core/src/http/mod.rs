//! The code that server and client share: one exchange of request and response, up to the last byte.

mod body;
mod characters;
mod exchange;
mod future;
mod grpc;
mod length;
mod response;
mod scrub;
mod scrub_url;

pub use crate::context::Running;
pub use crate::id::Authority;
pub use body::TracedBody;
pub use exchange::Exchange;
pub use future::ResponseFuture;
pub use scrub::{scrub_path, scrub_query};
pub use scrub_url::{scrub_url, strip_credentials};
