//! The headers that concern a trace, read in one pass.

use http::{HeaderMap, HeaderValue};

use crate::wire::SentryTrace;
use crate::wire::names::TraceHeaderName;

/// The headers that concern a trace.
#[derive(Debug)]
pub(crate) struct HeaderScan<'a> {
    headers: &'a HeaderMap,
    /// The first valid `sentry-trace`.
    pub(crate) first: Option<SentryTrace>,
    pub(crate) sentry_trace: Lines<'a>,
    pub(crate) baggage: Lines<'a>,
    pub(crate) traceparent: Lines<'a>,
    pub(crate) tracestate: Lines<'a>,
}

/// The lines of one header.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) enum Lines<'a> {
    #[default]
    None,
    One(&'a HeaderValue),
    Several,
}

/// The most headers for which a pass over all is cheaper than four look-ups.
pub(crate) const FEW_HEADERS: usize = 16;

impl<'a> HeaderScan<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Self {
            headers,
            first: None,
            sentry_trace: Lines::None,
            baggage: Lines::None,
            traceparent: Lines::None,
            tracestate: Lines::None,
        };
        if headers.len() <= FEW_HEADERS {
            for (name, line) in headers {
                if let Some(name) = TraceHeaderName::of(name) {
                    found.lines_mut(name).add(line);
                }
            }
        } else {
            for name in TraceHeaderName::ALL {
                *found.lines_mut(name) = Lines::look_up(headers, name);
            }
        }
        found.first = match found.sentry_trace {
            Lines::None => None,
            Lines::One(line) => SentryTrace::first_valid(line.as_bytes()),
            Lines::Several => found.all_sentry_traces().next(),
        };
        found
    }

    pub(crate) fn are_none(&self) -> bool {
        let Self { sentry_trace, baggage, traceparent, tracestate, .. } = self;
        ![sentry_trace, baggage, traceparent, tracestate].into_iter().any(|lines| lines.are_there())
    }

    fn lines_mut(&mut self, name: TraceHeaderName) -> &mut Lines<'a> {
        match name {
            TraceHeaderName::SentryTrace => &mut self.sentry_trace,
            TraceHeaderName::Baggage => &mut self.baggage,
            TraceHeaderName::Traceparent => &mut self.traceparent,
            TraceHeaderName::Tracestate => &mut self.tracestate,
        }
    }

    /// Returns all lines of a header.
    pub(crate) fn all(&self, name: TraceHeaderName) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        self.headers.get_all(name.header_name()).into_iter()
    }

    /// Returns every valid `sentry-trace`.
    pub(crate) fn all_sentry_traces(&self) -> impl Iterator<Item = SentryTrace> + use<'a> {
        self.all(TraceHeaderName::SentryTrace).flat_map(|line| SentryTrace::all_valid(line.as_bytes()))
    }
}

impl<'a> Lines<'a> {
    fn look_up(headers: &'a HeaderMap, name: TraceHeaderName) -> Self {
        let mut lines = headers.get_all(name.header_name()).into_iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::None,
            (Some(line), None) => Self::One(line),
            (Some(_), Some(_)) => Self::Several,
        }
    }

    fn add(&mut self, line: &'a HeaderValue) {
        *self = if let Self::None = self { Self::One(line) } else { Self::Several };
    }

    pub(crate) fn are_there(self) -> bool {
        !matches!(self, Self::None)
    }
}
