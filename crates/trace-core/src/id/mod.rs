//! Types that are parsed and printed: identifiers of traces and spans, the DSN, the authority of a URL.

mod authority;
mod dsn;
pub(crate) mod hex;
mod ids;

pub use authority::Authority;
pub use dsn::{Dsn, OrganizationId, ParseDsnError};
pub use ids::{ParseIdError, SpanId, TraceId};
