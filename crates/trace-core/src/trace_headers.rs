//! What a carrier says about a trace, read in one pass.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};

use crate::carrier::Extract;
use crate::headers::{BAGGAGE, SENTRY_TRACE, TRACEPARENT};
use crate::wire::SentryTrace;

const NAMES: [&HeaderName; 3] = [&SENTRY_TRACE, &BAGGAGE, &TRACEPARENT];

/// The headers of a carrier that concern a trace.
#[derive(Debug, Default)]
pub(crate) struct TraceHeaders<'a> {
    /// The first valid one.
    pub(crate) sentry_trace: Option<SentryTrace>,
    /// Whether there is any, valid or not.
    pub(crate) has_sentry_trace: bool,
    pub(crate) baggage: Lines<'a>,
    pub(crate) traceparent: Lines<'a>,
}

/// The lines of one header.
#[derive(Debug, Default)]
pub(crate) enum Lines<'a> {
    #[default]
    None,
    One(Cow<'a, HeaderValue>),
    Several,
}

impl<'a> TraceHeaders<'a> {
    pub(crate) fn of(carrier: &'a (impl Extract + ?Sized)) -> Self {
        let mut found = Self::default();
        carrier.visit(NAMES, |name, line| match name {
            0 => {
                found.has_sentry_trace = true;
                if found.sentry_trace.is_none() {
                    found.sentry_trace = SentryTrace::first_valid(line.as_bytes());
                }
            }
            1 => found.baggage.add(line),
            _ => found.traceparent.add(line),
        });
        found
    }
}

impl<'a> Lines<'a> {
    #[inline]
    fn add(&mut self, line: Cow<'a, HeaderValue>) {
        *self = if let Self::None = self { Self::One(line) } else { Self::Several };
    }

    pub(crate) fn are_there(&self) -> bool {
        !matches!(self, Self::None)
    }
}
