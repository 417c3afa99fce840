//! The context of a request.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::baggage;
use super::header::TraceHeader;

pub(super) const SENTRY_TRACE: HeaderName = HeaderName::from_static("sentry-trace");
pub(super) const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// Where a request stands in its trace, and the members to send on.
pub(super) struct Context {
    pub(super) header: TraceHeader,
    pub(super) baggage: Option<HeaderValue>,
}

impl Context {
    /// Continues the trace of a header map, or starts one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut trace, mut members) = (None, None);
        for (name, value) in headers {
            if *name == SENTRY_TRACE {
                trace = TraceHeader::parse(value.as_bytes());
            } else if *name == BAGGAGE {
                members = Some(value);
            }
        }
        match trace {
            Some(caller) => Self {
                header: TraceHeader { span_id: random_id(), ..caller },
                baggage: members.filter(|value| baggage::is_ours(value.as_bytes())).cloned(),
            },
            None => Self { header: TraceHeader::new(), baggage: None },
        }
    }
}

impl TraceHeader {
    /// A new trace.
    #[inline]
    pub(super) fn new() -> Self {
        Self { trace_id: [random_id(), random_id()], span_id: random_id(), sampled: false }
    }
}

/// Zero once in 2^64 times: nothing but the work.
#[inline]
pub(super) fn random_id() -> u64 {
    fastrand::u64(..)
}
