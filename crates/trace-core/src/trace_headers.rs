//! What headers say about a trace, read in one pass.

use http::{HeaderMap, HeaderValue};

use crate::headers::Name;
use crate::wire::SentryTrace;

/// The headers that concern a trace.
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
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Lines<'a> {
    #[default]
    None,
    One(&'a HeaderValue),
    Several,
}

/// Up to so many headers, looking at each costs less than looking up three.
const FEW_HEADERS: usize = 16;

impl<'a> TraceHeaders<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let (mut sentry_trace, mut baggage, mut traceparent) = (Lines::None, Lines::None, Lines::None);
        if headers.len() <= FEW_HEADERS {
            for (name, line) in headers {
                match Name::of(name) {
                    Some(Name::SentryTrace) => sentry_trace.add(line),
                    Some(Name::Baggage) => baggage.add(line),
                    Some(Name::Traceparent) => traceparent.add(line),
                    None => {}
                }
            }
        } else {
            [sentry_trace, baggage, traceparent] = Name::ALL.map(|name| Lines::look_up(headers, name));
        }
        Self {
            sentry_trace: match sentry_trace {
                Lines::None => None,
                Lines::One(line) => SentryTrace::first_valid(line.as_bytes()),
                Lines::Several => {
                    let mut lines = headers.get_all(Name::SentryTrace.header_name()).into_iter();
                    lines.find_map(|line| SentryTrace::first_valid(line.as_bytes()))
                }
            },
            has_sentry_trace: sentry_trace.are_there(),
            baggage,
            traceparent,
        }
    }
}

impl<'a> Lines<'a> {
    fn look_up(headers: &'a HeaderMap, name: Name) -> Self {
        let mut found = Self::None;
        headers.get_all(name.header_name()).into_iter().for_each(|line| found.add(line));
        found
    }

    fn add(&mut self, line: &'a HeaderValue) {
        *self = if let Self::None = self { Self::One(line) } else { Self::Several };
    }

    pub(crate) fn are_there(self) -> bool {
        !matches!(self, Self::None)
    }
}
