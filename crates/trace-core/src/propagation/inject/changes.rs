//! The changes to the headers of an outgoing carrier.

use http::HeaderValue;

use crate::propagation::Inject;
use crate::wire::names::TraceHeaderName;
use crate::wire::{HeaderScan, Lines, SignedHeaders};

/// The change to one header.
#[derive(Debug, Default)]
pub(super) enum Change {
    #[default]
    Keep,
    Remove,
    Set(HeaderValue),
}

impl Change {
    pub(super) fn removal(lines: Lines<'_>) -> Self {
        if lines.are_there() { Self::Remove } else { Self::Keep }
    }

    fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    #[inline]
    fn apply(self, name: TraceHeaderName, carrier: &mut impl Inject) -> Result<(), TraceHeaderName> {
        match self {
            Self::Keep => {}
            Self::Remove => carrier.remove(name),
            Self::Set(value) => carrier.set(name, value).map_err(|_| name)?,
        }
        Ok(())
    }
}

/// The changes to the headers of an outgoing carrier.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) sentry_trace: Change,
    pub(super) baggage: Change,
    pub(super) traceparent: Change,
    pub(super) tracestate: Change,
}

impl Changes {
    pub(super) fn with_w3c_removed(self, found: &HeaderScan<'_>, is_removed: bool) -> Self {
        if !is_removed {
            return self;
        }
        let (traceparent, tracestate) =
            (Change::removal(found.traceparent), Change::removal(found.tracestate));
        Self { traceparent, tracestate, ..self }
    }

    pub(super) fn are_none(&self) -> bool {
        let Self { sentry_trace, baggage, traceparent, tracestate } = self;
        [sentry_trace, baggage, traceparent, tracestate].into_iter().all(Change::is_keep)
    }

    pub(super) fn touch_any(&self, signed: SignedHeaders) -> bool {
        let Self { sentry_trace, baggage, traceparent, tracestate } = self;
        [
            (TraceHeaderName::SentryTrace, sentry_trace),
            (TraceHeaderName::Baggage, baggage),
            (TraceHeaderName::Traceparent, traceparent),
            (TraceHeaderName::Tracestate, tracestate),
        ]
        .into_iter()
        .any(|(name, change)| !change.is_keep() && signed.has(name))
    }

    /// Returns the changes without those to headers that a signature names. W3C's two headers are left out together.
    #[inline]
    pub(super) fn without(mut self, signed: SignedHeaders) -> Self {
        if signed == SignedHeaders::default() {
            return self;
        }
        if signed.has(TraceHeaderName::SentryTrace) {
            self.sentry_trace = Change::Keep;
        }
        if signed.has(TraceHeaderName::Baggage) {
            self.baggage = Change::Keep;
        }
        if signed.has(TraceHeaderName::Traceparent) || signed.has(TraceHeaderName::Tracestate) {
            (self.traceparent, self.tracestate) = (Change::Keep, Change::Keep);
        }
        self
    }

    /// Makes the changes, up to the first header for which there is no room.
    #[inline]
    pub(super) fn apply(self, carrier: &mut impl Inject) -> Result<(), TraceHeaderName> {
        let Self { sentry_trace, baggage, traceparent, tracestate } = self;
        sentry_trace.apply(TraceHeaderName::SentryTrace, carrier)?;
        baggage.apply(TraceHeaderName::Baggage, carrier)?;
        traceparent.apply(TraceHeaderName::Traceparent, carrier)?;
        tracestate.apply(TraceHeaderName::Tracestate, carrier)
    }
}
