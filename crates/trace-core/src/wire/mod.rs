//! The formats on the wire, one file each: grammar on top, `FromStr` and `Display`, no policy.

pub(crate) mod baggage;
mod commas;
mod sentry_trace;
mod traceparent;

pub use sentry_trace::{ParseSentryTraceError, SentryTrace};
pub use traceparent::{ParseTraceparentError, Traceparent};
