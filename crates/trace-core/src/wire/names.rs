//! The names of the headers that carry a trace.
//!
//! A browser asks in a preflight request whether it may send them. Allow them in the CORS layer of a service that
//! browsers call from another origin.

use http::HeaderName;

/// `sentry-trace`: the trace, the span that sent the header, and the sampling decision so far.
pub static SENTRY_TRACE: HeaderName = TraceHeaderName::SENTRY_TRACE;

/// `baggage`: the dynamic sampling context, among the members of other parties.
pub static BAGGAGE: HeaderName = TraceHeaderName::BAGGAGE;

/// `traceparent` of W3C Trace Context.
pub static TRACEPARENT: HeaderName = TraceHeaderName::TRACEPARENT;

/// `tracestate` of W3C Trace Context.
pub static TRACESTATE: HeaderName = TraceHeaderName::TRACESTATE;

/// The name of a header that carries a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceHeaderName {
    /// `sentry-trace`.
    SentryTrace,
    /// `baggage`.
    Baggage,
    /// `traceparent`.
    Traceparent,
    /// `tracestate`.
    Tracestate,
}

impl TraceHeaderName {
    // A comparison with a constant is one with a number; a static would have to be read.
    const SENTRY_TRACE: HeaderName = HeaderName::from_static("sentry-trace");
    const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
    const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
    const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

    pub(crate) const ALL: [Self; 4] = [Self::SentryTrace, Self::Baggage, Self::Traceparent, Self::Tracestate];

    /// Returns the name of the header.
    #[must_use]
    pub fn header_name(self) -> &'static HeaderName {
        match self {
            Self::SentryTrace => &SENTRY_TRACE,
            Self::Baggage => &BAGGAGE,
            Self::Traceparent => &TRACEPARENT,
            Self::Tracestate => &TRACESTATE,
        }
    }

    /// Returns the name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.header_name().as_str()
    }

    /// Returns the variant of a header name, if there is one.
    #[inline]
    pub(crate) fn of(name: &HeaderName) -> Option<Self> {
        if *name == Self::SENTRY_TRACE {
            Some(Self::SentryTrace)
        } else if *name == Self::BAGGAGE {
            Some(Self::Baggage)
        } else if *name == Self::TRACEPARENT {
            Some(Self::Traceparent)
        } else if *name == Self::TRACESTATE {
            Some(Self::Tracestate)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_known_again() {
        for name in TraceHeaderName::ALL {
            assert_eq!(TraceHeaderName::of(name.header_name()), Some(name));
        }
        assert_eq!(TraceHeaderName::of(&http::header::HOST), None);
        assert_eq!(TraceHeaderName::of(&HeaderName::from_static("sentry-tracf")), None);
    }
}
