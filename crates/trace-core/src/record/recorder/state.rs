//! The part of a recorder that changes while its spans run.

use std::time::Instant;

use slab::Slab;

use super::naming::Naming;
use crate::id::SpanId;
use crate::record::{FinishedSpan, Measurement, Outcome, SinkData, TransactionName};

/// The position of a span in its recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    ServiceSpan,
    /// A place among the running spans. It is reused after the end of its span, so that the id tells whether it still
    /// belongs to that span.
    Child {
        place: usize,
        span_id: SpanId,
    },
    /// The transaction had been sent when the span started.
    Nowhere,
}

/// The part of a recorder that changes.
pub(in crate::record) struct State {
    pub(super) naming: Naming,
    /// `None` once the service span has ended.
    pub(super) service_span: Option<RunningSpan>,
    /// The running spans below the service span.
    pub(super) running: Slab<RunningSpan>,
    /// The spans that have ended, if they are sent as a transaction.
    pub(super) ended: Vec<FinishedSpan>,
    pub(super) dropped_spans: usize,
    /// The number of spans that have started below the service span.
    pub(super) started: usize,
    pub(super) measurements: Vec<Measurement>,
    pub(in crate::record) sink_data: Option<SinkData>,
    /// The number of guards that keep a transaction open.
    pub(super) guards: usize,
    /// The end of a transaction that waits for guards.
    pub(super) end: Option<End>,
    pub(super) is_sent: bool,
    /// The time at which a span last started or ended, if that matters.
    pub(super) active: Instant,
}

/// A span that has not ended.
pub(super) struct RunningSpan {
    pub(super) span: FinishedSpan,
    pub(super) began: Instant,
    pub(super) parent: Position,
    /// `true` if children of this span are in the list of ended spans, where they need another parent if this span is
    /// dropped, or have been streamed.
    pub(super) has_kept_children: bool,
    /// `true` if it is a [`SharedSpan`](crate::SharedSpan), whose work may be over although its end comes later.
    pub(super) is_shared: bool,
    /// `true` if it ends when the transaction is sent, if it has not ended before.
    pub(super) ends_with_transaction: bool,
}

impl RunningSpan {
    pub(super) fn new(span: FinishedSpan, began: Instant, parent: Position) -> Self {
        Self { span, began, parent, has_kept_children: false, is_shared: false, ends_with_transaction: false }
    }
}

/// The end of the service span.
pub(super) struct End {
    pub(super) root: FinishedSpan,
    pub(super) outcome: Outcome,
    pub(super) at: Instant,
}

impl State {
    pub(super) fn new(service_span: FinishedSpan, began: Instant, name: TransactionName) -> Self {
        Self {
            naming: Naming::new(name),
            service_span: Some(RunningSpan::new(service_span, began, Position::Nowhere)),
            running: Slab::new(),
            ended: Vec::new(),
            dropped_spans: 0,
            started: 0,
            measurements: Vec::new(),
            sink_data: None,
            guards: 0,
            end: None,
            is_sent: false,
            active: began,
        }
    }

    /// Returns a span, unless it has ended.
    pub(super) fn span(&mut self, position: Position) -> Option<&mut FinishedSpan> {
        self.running_span(position).map(|running| &mut running.span)
    }

    /// Returns the service span, until its transaction is sent.
    pub(super) fn service_span(&mut self) -> Option<&mut FinishedSpan> {
        let running = self.service_span.as_mut().map(|running| &mut running.span);
        running.or(self.end.as_mut().map(|end| &mut end.root))
    }

    /// Removes a span that ends, unless it has ended.
    pub(super) fn take(&mut self, position: Position) -> Option<RunningSpan> {
        match position {
            Position::ServiceSpan => self.service_span.take(),
            Position::Child { place, .. } => {
                self.running_span(position)?;
                self.running.try_remove(place)
            }
            Position::Nowhere => None,
        }
    }

    pub(super) fn running_span(&mut self, position: Position) -> Option<&mut RunningSpan> {
        match position {
            Position::ServiceSpan => self.service_span.as_mut(),
            Position::Child { place, span_id } => {
                self.running.get_mut(place).filter(|running| running.span.span_id == span_id)
            }
            Position::Nowhere => None,
        }
    }
}
