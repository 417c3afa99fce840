//! What a carrier says about a trace, read in one pass.

use std::borrow::Cow;

use http::HeaderValue;

use crate::carrier::Extract;
use crate::headers::Name;
use crate::wire::SentryTrace;

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
    #[inline]
    pub(crate) fn of(carrier: &'a (impl Extract + ?Sized)) -> Self {
        let (mut found, mut sentry_trace) = (Self::default(), Lines::None);
        carrier.visit(|name, line| {
            let lines = match name {
                Name::SentryTrace => &mut sentry_trace,
                Name::Baggage => &mut found.baggage,
                Name::Traceparent => &mut found.traceparent,
            };
            lines.add(line);
        });
        found.has_sentry_trace = sentry_trace.are_there();
        found.sentry_trace = match &sentry_trace {
            Lines::None => None,
            Lines::One(line) => SentryTrace::first_valid(line.as_bytes()),
            Lines::Several => first_valid(carrier),
        };
        found
    }
}

#[cold]
fn first_valid(carrier: &(impl Extract + ?Sized)) -> Option<SentryTrace> {
    carrier.get_all(Name::SentryTrace).find_map(|line| SentryTrace::first_valid(line.as_bytes()))
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
