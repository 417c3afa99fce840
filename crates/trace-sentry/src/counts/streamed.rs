//! The counters of streamed spans.

use std::sync::atomic::Ordering;

use super::{Category, Counts, Reason};

impl Counts {
    /// Counts a span that waits. Returns how many wait now.
    pub(crate) fn span_queued(&self) -> u64 {
        self.waiting_spans.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns how many spans wait.
    pub(crate) fn waiting_spans(&self) -> u64 {
        self.waiting_spans.load(Ordering::Relaxed)
    }

    /// Counts spans that waited and were handed over.
    pub(crate) fn spans_handed_over(&self, spans: usize) {
        // The number of waiting spans falls only under the lock, so that the statistics add up at every moment.
        let mut state = self.lock();
        self.waiting_spans.fetch_sub(spans as u64, Ordering::Relaxed);
        state.statistics.handed_over += spans as u64;
    }

    /// Counts the loss of spans that waited.
    pub(crate) fn spans_lost_in_queue(&self, reason: Reason, spans: usize) {
        if spans > 0 {
            let mut state = self.lock();
            self.waiting_spans.fetch_sub(spans as u64, Ordering::Relaxed);
            state.statistics.dropped += spans as u64;
            state.add(reason, Category::Span, spans as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trace_core::{DropReason, Loss, TraceLifecycle};

    use super::{Counts, Reason};
    use crate::Statistics;

    #[test]
    fn spans_count_once_and_add_up() {
        let counts = Counts::new(TraceLifecycle::Stream);
        (0..9).for_each(|_| _ = counts.span_queued());
        counts.spans_handed_over(4);
        counts.spans_lost_in_queue(Reason::BufferOverflow, 3);
        counts.lost_before(Loss::of_spans(DropReason::SampleRate, 1));
        counts.lost_before(Loss::of_spans(DropReason::Ignored, 1));
        let expected =
            Statistics { waiting: 2, handed_over: 4, dropped: 4, unsampled: 1, ..Statistics::default() };
        assert_eq!(counts.statistics(), expected);
        let loss = |reason: &str, quantity: u64| json!({ "reason": reason, "category": "span", "quantity": quantity });
        let losses = [loss("buffer_overflow", 3), loss("ignored", 1), loss("sample_rate", 1)];
        assert_eq!(json!(counts.take_losses()), json!(losses));
    }
}
