//! The trace headers that are on an outgoing carrier before ours are written, distinguished by their author.

use http::HeaderValue;

use super::changes::{Change, Changes};
use super::members;
use crate::id::TraceId;
use crate::propagation::{CallerHeaders, W3cOptions};
use crate::wire::names::TraceHeaderName;
use crate::wire::{HeaderScan, Lines, SentryTrace, Traceparent, baggage};

/// The facts that distinguish the headers of an outgoing carrier by their author.
pub(crate) struct Known<'a> {
    pub(crate) caller: &'a CallerHeaders,
    pub(crate) w3c: W3cOptions,
    /// The query of the URL, which may list signed headers.
    pub(crate) query: Option<&'a str>,
}

/// A `sentry-trace` that the application wrote.
pub(super) struct Own {
    pub(super) header: SentryTrace,
    /// `true` if there is no other `sentry-trace`.
    is_alone: bool,
}

impl Known<'_> {
    pub(super) fn own(&self, found: &HeaderScan<'_>) -> Option<Own> {
        let is_own = |header: &SentryTrace| !self.caller.names_span((*header).into());
        match found.sentry_trace {
            Lines::None => None,
            Lines::One(line) if SentryTrace::is_single(line.as_bytes()) => {
                found.first.filter(is_own).map(|header| Own { header, is_alone: true })
            }
            Lines::One(_) | Lines::Several => {
                found.all_sentry_traces().find(is_own).map(|header| Own { header, is_alone: false })
            }
        }
    }

    /// Returns whether W3C's headers are ours. They are if an option says so, if they name a trace for which `is_ours`
    /// returns `true`, or if they cannot be parsed and the incoming request had some.
    pub(super) fn has_w3c(&self, found: &HeaderScan<'_>, is_ours: impl Fn(TraceId) -> bool) -> bool {
        self.w3c != W3cOptions::default() || self.names_w3c(found, is_ours)
    }

    fn names_w3c(&self, found: &HeaderScan<'_>, is_ours: impl Fn(TraceId) -> bool) -> bool {
        let is_our_line = |line: &HeaderValue| match Traceparent::parse(line.as_bytes()) {
            Ok(parsed) => is_ours(parsed.trace_id),
            Err(_) => self.caller.has_traceparent(),
        };
        found.traceparent.are_there() && found.all(TraceHeaderName::Traceparent).any(is_our_line)
    }
}

impl Own {
    /// Returns the changes that remove copies beside this header: other lines, and the sampling context of an incoming
    /// trace.
    pub(super) fn changes(&self, found: &HeaderScan<'_>, known: &Known<'_>) -> Changes {
        let sentry_trace = match self.is_alone {
            true => Change::Keep,
            false => Change::Set(self.header.to_header_value()),
        };
        let is_copied = |id| id != self.header.trace_id && known.caller.names_trace(id);
        let lines = found.all(TraceHeaderName::Baggage).map(HeaderValue::as_bytes);
        let baggage = match found.baggage.are_there() && baggage::trace_ids(lines).any(is_copied) {
            true => members::without_ours(found),
            false => Change::Keep,
        };
        Changes { sentry_trace, baggage, ..Changes::default() }
    }

    /// Returns the changes for a target. They also replace W3C's headers of an incoming trace if ours are propagated.
    pub(super) fn changes_towards_target(&self, found: &HeaderScan<'_>, known: &Known<'_>) -> Changes {
        let changes = self.changes(found, known);
        let is_copied = |id| id != self.header.trace_id && known.caller.names_trace(id);
        if !known.w3c.propagate || !found.traceparent.are_there() || !known.names_w3c(found, is_copied) {
            return changes;
        }
        let traceparent = Change::Set(self.header.to_traceparent(None).to_header_value());
        Changes { traceparent, tracestate: Change::removal(found.tracestate), ..changes }
    }

    pub(super) fn has_traceparent(&self, found: &HeaderScan<'_>) -> bool {
        let parse = |line: &HeaderValue| Traceparent::parse(line.as_bytes()).ok();
        let mut ids = found.all(TraceHeaderName::Traceparent).filter_map(parse).map(|parsed| parsed.trace_id);
        found.traceparent.are_there() && ids.any(|id| id == self.header.trace_id)
    }
}
