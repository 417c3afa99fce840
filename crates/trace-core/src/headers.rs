//! The names of the headers that carry a trace.
//!
//! A browser asks in a preflight whether it may send them: allow them in the CORS layer of a service that browsers
//! call from another origin.

use http::HeaderName;

/// `sentry-trace`: which trace, which span sent it, and the decision so far.
pub static SENTRY_TRACE: HeaderName = HeaderName::from_static("sentry-trace");

/// `baggage`: the dynamic sampling context, among members of others.
pub static BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// `traceparent` of W3C Trace Context.
pub static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
