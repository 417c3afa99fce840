//! The spans of one trace that wait to be sent together.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::ended::EndedSpan;
use crate::counts::{Counts, Reason};

/// The number of spans with which a bucket is full, which is the most that an envelope may have.
pub(super) const MAX_SPANS: usize = 1000;
/// The estimated size with which a bucket is full.
const MAX_BYTES: usize = 5_000_000;
/// The most spans that wait in all buckets.
const MAX_SPANS_IN_ALL: u64 = 100_000;
/// The most bytes that the spans in all buckets have, by estimation.
const MAX_BYTES_IN_ALL: usize = 64 * 1024 * 1024;

/// The estimated size of what is kept only for the late spans of a trace: the recorder, and the request with its hub.
const LATE: usize = 8 * 1024;

/// The total of what waits in the buckets of a sink.
#[derive(Debug)]
pub(super) struct Total {
    counts: Arc<Counts>,
    bytes: AtomicUsize,
}

impl Total {
    pub(super) fn new(counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Self { counts, bytes: AtomicUsize::new(0) })
    }

    /// Counts a span of this size that waits.
    pub(super) fn add(&self, bytes: usize) {
        self.counts.span_queued();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns whether more waits than may.
    pub(super) fn is_too_much(&self) -> bool {
        self.counts.waiting_spans() > MAX_SPANS_IN_ALL
            || self.bytes.load(Ordering::Relaxed) > MAX_BYTES_IN_ALL
    }
}

/// Ended spans of one trace, in the order in which they ended. Spans that are dropped with it count as lost.
pub(crate) struct Bucket {
    pub(super) spans: VecDeque<EndedSpan>,
    bytes: usize,
    has_late: bool,
    pub(super) began: Instant,
    /// The reason if the rest is lost.
    reason: Reason,
    total: Arc<Total>,
}

impl Bucket {
    pub(super) fn new(began: Instant, total: Arc<Total>) -> Self {
        Self {
            spans: VecDeque::new(),
            bytes: 0,
            has_late: false,
            began,
            reason: Reason::QueueOverflow,
            total,
        }
    }

    /// Adds a span of this size, which the total has counted. Returns whether the bucket is to be sent: it is full, or
    /// the service span has ended.
    pub(super) fn add(&mut self, span: EndedSpan, bytes: usize) -> bool {
        if !self.has_late && span.is_late {
            self.has_late = true;
            self.total.bytes.fetch_add(LATE, Ordering::Relaxed);
        }
        let is_last = span.streamed.is_service_span();
        self.spans.push_back(span);
        self.bytes += bytes;
        is_last || self.spans.len() >= MAX_SPANS || self.bytes >= MAX_BYTES
    }

    /// Returns the number of spans.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Drops the rest of the spans for a reason.
    pub(crate) fn lose(mut self, reason: Reason) {
        self.reason = reason;
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let late = if self.has_late { LATE } else { 0 };
        self.total.bytes.fetch_sub(self.bytes + late, Ordering::Relaxed);
        self.total.counts.spans_lost_in_queue(self.reason, self.spans.len());
    }
}
