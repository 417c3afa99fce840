//! The formats on the wire, one file each: grammar on top, `FromStr` and `Display`, no policy.

pub(crate) mod baggage;
mod commas;
mod sentry_trace;
mod traceparent;
pub(crate) mod tracestate;

pub use sentry_trace::{ParseSentryTraceError, SentryTrace};
pub use traceparent::{ParseTraceparentError, Traceparent};

/// Removes the white space that may surround a header value.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
