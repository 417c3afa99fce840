//! Spans that have not ended when their transaction is sent.

use std::collections::HashMap;

use crate::id::SpanId;
use crate::record::FinishedSpan;

/// Removes the spans that have not ended and gives their children to the nearest ancestor that has. Returns how many were
/// removed. A parent stands before its children, because they need its id.
pub(super) fn remove_unfinished(spans: &mut Vec<FinishedSpan>) -> usize {
    let before = spans.len();
    let mut heirs: HashMap<SpanId, Option<SpanId>> = HashMap::new();
    spans.retain_mut(|span| {
        if let Some(heir) = span.parent_span_id.and_then(|parent| heirs.get(&parent)) {
            span.parent_span_id = *heir;
        }
        let has_ended = span.began.is_none();
        if !has_ended {
            heirs.insert(span.span_id, span.parent_span_id);
        }
        has_ended
    });
    before - spans.len()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::{DropReason, FinishedTransaction, Tracer, TransactionName, TransactionSink};

    #[derive(Default)]
    struct Told {
        sent: Mutex<Vec<FinishedTransaction>>,
        dropped: Mutex<Vec<(DropReason, usize)>>,
    }

    impl TransactionSink for Told {
        fn send(&self, transaction: FinishedTransaction) {
            self.sent.lock().unwrap().push(transaction);
        }

        fn spans_dropped(&self, reason: DropReason, spans: usize) {
            self.dropped.lock().unwrap().push((reason, spans));
        }
    }

    #[test]
    fn children_of_an_unfinished_span_go_to_the_nearest_ancestor_that_ended() {
        let told = Arc::new(Told::default());
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(told.clone()).build().unwrap();
        let job = tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let ended = job.start_span("function", "ended");
        let open = ended.start_span("function", "open");
        let below = open.start_span("function", "also open");
        let (of_open, of_below) = (open.start_span("function", "1"), below.start_span("function", "2"));
        let at_root = job.start_span("function", "open at the root");
        let of_at_root = at_root.start_span("function", "3");
        let (job_id, ended_id) = (job.span_id(), ended.span_id());
        [of_open, of_below, of_at_root, ended].into_iter().for_each(|span| span.end());
        job.end();

        let sent = told.sent.lock().unwrap().pop().unwrap();
        let parents: Vec<_> =
            sent.spans.iter().map(|span| (&*span.description, span.parent_span_id.unwrap())).collect();
        assert_eq!(parents, [("ended", job_id), ("1", ended_id), ("2", ended_id), ("3", job_id)]);
        assert_eq!(*told.dropped.lock().unwrap(), [(DropReason::Unfinished, 3)]);
    }

    #[test]
    fn spans_that_start_after_their_transaction_was_sent_are_counted() {
        for (rate, expected) in
            [(1.0, &[(DropReason::Unfinished, 1), (DropReason::Unfinished, 1)][..]), (0.0, &[])]
        {
            let told = Arc::new(Told::default());
            let tracer = Tracer::builder().traces_sample_rate(rate).sink(told.clone()).build().unwrap();
            let job =
                tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
            let context = job.context().clone();
            job.end();
            let late = context.start_span("function", "late");
            late.start_span("function", "below it").end();
            late.end();
            assert_eq!(*told.dropped.lock().unwrap(), expected, "{rate}");
        }
    }
}
