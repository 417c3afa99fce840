//! The part of a transaction that changes while it runs.

use std::time::Instant;

use super::naming::Naming;
use crate::record::{FinishedSpan, Measurement, Outcome, TransactionName};

/// The position of a span in its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Root,
    Child(usize),
    /// There was no room for it, or the transaction had been sent.
    Nowhere,
}

/// The part of a transaction that changes.
pub(super) struct State {
    pub(super) naming: Naming,
    /// `None` once the transaction has been sent.
    pub(super) root: Option<FinishedSpan>,
    /// The spans below the root, in the order in which they started.
    pub(super) spans: Vec<FinishedSpan>,
    /// The number of these spans that have not ended.
    pub(super) running: usize,
    pub(super) dropped_spans: usize,
    pub(super) measurements: Vec<Measurement>,
    /// The number of guards that keep it open.
    pub(super) guards: usize,
    /// The end of the root.
    pub(super) end: Option<End>,
}

/// The end of the root.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) at: Instant,
}

impl State {
    pub(super) fn new(root: FinishedSpan, name: TransactionName) -> Self {
        Self {
            naming: Naming::new(name),
            root: Some(root),
            spans: Vec::new(),
            running: 0,
            dropped_spans: 0,
            measurements: Vec::new(),
            guards: 0,
            end: None,
        }
    }

    pub(super) fn span(&mut self, position: Position) -> Option<&mut FinishedSpan> {
        match position {
            Position::Root => self.root.as_mut(),
            Position::Child(index) => self.spans.get_mut(index),
            Position::Nowhere => None,
        }
    }

    /// Returns the span at a position, unless it has ended.
    pub(super) fn running(&mut self, position: Position) -> Option<&mut FinishedSpan> {
        self.span(position).filter(|span| span.began.is_some())
    }
}
