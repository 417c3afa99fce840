//! The incoming trace headers, by which copies of them are recognized.
//!
//! A proxy that copies all headers of a request passes the caller's trace to the services that it calls. A copy
//! differs from a header that the application wrote itself by the span that it names.

use std::sync::Arc;

use crate::id::{SpanId, TraceId};
use crate::wire::{HeaderScan, Lines, SentryTrace};

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

/// The trace headers of the request that is being served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallerHeaders {
    spans: Spans,
    has_traceparent: bool,
}

/// The spans that valid `sentry-trace` headers name, whether or not one is continued.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Spans {
    #[default]
    None,
    /// One span, as on nearly every request.
    One(CallerSpan),
    /// Several spans, sorted.
    Several(Arc<[CallerSpan]>),
}

impl CallerHeaders {
    /// Notes the headers. `continued` is the span of a `traceparent` that was accepted in place of a `sentry-trace`.
    #[inline]
    pub(crate) fn of(found: &HeaderScan<'_>, continued: Option<CallerSpan>) -> Self {
        let spans = match found.sentry_trace {
            Lines::None => continued.map_or(Spans::None, Spans::One),
            Lines::One(line) if SentryTrace::is_single(line.as_bytes()) => {
                found.first.map(CallerSpan::from).or(continued).map_or(Spans::None, Spans::One)
            }
            Lines::One(_) | Lines::Several => Spans::gather(found.all_sentry_traces(), continued),
        };
        Self { spans, has_traceparent: found.traceparent.are_there() }
    }

    /// Adds the headers of the outer request. Once there are more spans than any real request has, none are added, so
    /// that nested work does not gather them without limit.
    pub(crate) fn add(&mut self, outer: &Self) {
        const MOST: usize = 64;
        self.has_traceparent |= outer.has_traceparent;
        if !outer.spans().is_empty() && self.spans().len() < MOST {
            let spans = self.spans().iter().chain(outer.spans().iter().take(MOST)).copied().collect();
            self.spans = Spans::sorted(spans);
        }
    }

    fn spans(&self) -> &[CallerSpan] {
        match &self.spans {
            Spans::None => &[],
            Spans::One(span) => std::slice::from_ref(span),
            Spans::Several(spans) => spans,
        }
    }

    /// Returns whether a header named this span.
    pub(crate) fn names_span(&self, span: CallerSpan) -> bool {
        self.spans().binary_search(&span).is_ok()
    }

    /// Returns whether a header named a span of this trace.
    pub(crate) fn names_trace(&self, trace_id: TraceId) -> bool {
        self.spans().binary_search_by_key(&trace_id, |span| span.trace_id).is_ok()
    }

    /// Returns whether a line of `traceparent` came in. If so, an outgoing one that cannot be parsed counts as a copy
    /// of it.
    pub(crate) fn has_traceparent(&self) -> bool {
        self.has_traceparent
    }
}

impl Spans {
    #[inline(never)]
    fn gather(headers: impl Iterator<Item = SentryTrace>, continued: Option<CallerSpan>) -> Self {
        Self::sorted(headers.map(CallerSpan::from).chain(continued).collect())
    }

    fn sorted(mut spans: Vec<CallerSpan>) -> Self {
        spans.sort_unstable();
        spans.dedup();
        match spans.as_slice() {
            [] => Self::None,
            [span] => Self::One(*span),
            _ => Self::Several(spans.into()),
        }
    }
}
