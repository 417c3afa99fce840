//! The trace headers that came in, by which copies of them are known.
//!
//! A proxy that copies all headers of a request hands the caller's trace to whoever it calls. A copy is told from what
//! the application wrote itself by its value.

use std::sync::Arc;

use http::HeaderValue;

use crate::headers::Name;
use crate::id::{SpanId, TraceId};
use crate::trace_headers::{Lines, TraceHeaders};
use crate::wire::{SentryTrace, Traceparent};

/// The trace and span that a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallerSpan {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

impl From<SentryTrace> for CallerSpan {
    fn from(header: SentryTrace) -> Self {
        Self { trace_id: header.trace_id, span_id: header.span_id }
    }
}

/// The trace headers of the request that is being served: every span that one of them names, valid or not continued.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum CallerHeaders {
    #[default]
    None,
    /// What nearly every request has.
    One(CallerSpan),
    Several(Arc<Several>),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Several {
    /// Sorted.
    spans: Vec<CallerSpan>,
    /// The lines of `traceparent` that nobody can read, sorted. An unreadable `sentry-trace` is nobody's in any case.
    unreadable: Vec<HeaderValue>,
}

impl CallerHeaders {
    /// Notes the headers. `continued` is the span of a `traceparent` that was accepted in place of a `sentry-trace`.
    #[inline]
    pub(crate) fn of(found: &TraceHeaders<'_>, continued: Option<CallerSpan>) -> Self {
        match (found.sentry_trace, found.traceparent) {
            (Lines::None, Lines::None) => Self::None,
            (Lines::One(line), Lines::None) if SentryTrace::is_single(line.as_bytes()) => {
                found.first.map_or(Self::None, |header| Self::One(header.into()))
            }
            _ => Self::gather(found, continued),
        }
    }

    #[inline(never)]
    fn gather(found: &TraceHeaders<'_>, continued: Option<CallerSpan>) -> Self {
        let mut spans: Vec<_> = found.all_sentry_traces().map(CallerSpan::from).chain(continued).collect();
        spans.sort_unstable();
        spans.dedup();
        let is_unreadable = |line: &&HeaderValue| Traceparent::parse(line.as_bytes()).is_err();
        let mut unreadable: Vec<_> = found.all(Name::Traceparent).filter(is_unreadable).cloned().collect();
        unreadable.sort_unstable();
        match (spans.as_slice(), unreadable.as_slice()) {
            ([], []) => Self::None,
            ([span], []) => Self::One(*span),
            _ => Self::Several(Arc::new(Several { spans, unreadable })),
        }
    }

    fn spans(&self) -> &[CallerSpan] {
        match self {
            Self::None => &[],
            Self::One(span) => std::slice::from_ref(span),
            Self::Several(several) => &several.spans,
        }
    }

    /// Whether a header named this span.
    pub(crate) fn names_span(&self, span: CallerSpan) -> bool {
        self.spans().binary_search(&span).is_ok()
    }

    /// Whether a header named a span of this trace.
    pub(crate) fn names_trace(&self, trace_id: TraceId) -> bool {
        self.spans().binary_search_by_key(&trace_id, |span| span.trace_id).is_ok()
    }

    /// Whether this line of `traceparent` came in and cannot be read.
    pub(crate) fn has_unreadable(&self, line: &HeaderValue) -> bool {
        matches!(self, Self::Several(several) if several.unreadable.binary_search(line).is_ok())
    }
}
