//! The wire formats, one per file: the grammar at the top, `FromStr` and `Display`, and no policy.

pub(crate) mod baggage;
pub(crate) mod names;
mod scan;
mod sentry_trace;
pub(crate) mod signature;
mod traceparent;
pub(crate) mod tracestate;
mod white_space;

pub(crate) use scan::{FEW_HEADERS, HeaderScan, Lines};
pub use sentry_trace::{ParseSentryTraceError, SentryTrace};
pub(crate) use signature::SignedHeaders;
pub use traceparent::{ParseTraceparentError, Traceparent};
