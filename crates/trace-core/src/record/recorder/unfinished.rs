//! Spans that have not ended when their transaction is sent, and those without room in it. If they are not sent, their
//! children go to the nearest ancestor that is sent.

use std::collections::HashMap;

use super::Recorder;
use super::state::{Position, RunningSpan, State};
use crate::id::SpanId;
use crate::record::timeline::elapsed_since;

impl Recorder {
    /// Has a span and those above it end when the transaction is sent, unless they have ended before.
    pub(crate) fn end_with_transaction(&self, position: Position) {
        self.lock().end_with_transaction(position);
    }
}

/// The number of ended spans for which room is allocated at once. A list that grows from 4 spans is moved once more (row
/// `tracing-recorded20`: 50 of 3,500 instructions a span).
const USUAL: usize = 8;

impl State {
    /// Keeps an ended span for the transaction, or drops and counts it if there are `most` already.
    pub(super) fn keep(&mut self, ended: RunningSpan, most: usize) {
        let RunningSpan { span, parent, has_kept_children, .. } = ended;
        let is_kept = self.ended.len() < most;
        if !is_kept {
            self.dropped_spans += 1;
            if has_kept_children {
                for child in &mut self.ended {
                    if child.parent_span_id == Some(span.span_id) {
                        child.parent_span_id = span.parent_span_id;
                    }
                }
            }
        }
        if (is_kept || has_kept_children)
            && let Some(parent) = self.running_span(parent)
        {
            parent.has_kept_children = true;
        }
        if is_kept {
            if self.ended.is_empty() {
                self.ended.reserve(USUAL);
            }
            self.ended.push(span);
        }
    }

    fn end_with_transaction(&mut self, mut position: Position) {
        while let Some(running) = self.running_span(position)
            && running.is_shared
            && !running.ends_with_transaction
        {
            running.ends_with_transaction = true;
            position = running.parent;
        }
    }

    /// Ends the spans that end when the transaction is sent, and those that the spans below them may hold: a bridge may end
    /// no span before all that are below it.
    pub(super) fn end_last_spans(&mut self, most: usize) {
        let shared = self.running.iter().filter(|(_, running)| running.is_shared);
        let held: Vec<_> = shared.map(|(_, running)| running.parent).collect();
        held.into_iter().for_each(|held| self.end_with_transaction(held));
        let last = self.running.iter().filter(|(_, running)| running.ends_with_transaction);
        let places: Vec<_> = last.map(|(place, _)| place).collect();
        for place in places {
            if let Some(mut ended) = self.running.try_remove(place) {
                ended.span.finish(elapsed_since(ended.began), None);
                self.keep(ended, most);
            }
        }
    }

    /// Removes the spans that have not ended. Returns how many there were.
    pub(super) fn remove_unfinished(&mut self) -> usize {
        if self.running.is_empty() {
            return 0;
        }
        let heirs: HashMap<SpanId, Option<SpanId>> = self
            .running
            .iter()
            .filter(|(_, unfinished)| unfinished.has_kept_children)
            .map(|(_, unfinished)| (unfinished.span.span_id, self.nearest_ended_ancestor(unfinished)))
            .collect();
        for span in &mut self.ended {
            if let Some(heir) = span.parent_span_id.and_then(|parent| heirs.get(&parent)) {
                span.parent_span_id = *heir;
            }
        }
        let unfinished = self.running.len();
        self.running.clear();
        unfinished
    }

    fn nearest_ended_ancestor(&self, span: &RunningSpan) -> Option<SpanId> {
        let mut nearest = span;
        while let Position::Child { place, span_id } = nearest.parent
            && let Some(unfinished) = self.running.get(place)
            && unfinished.span.span_id == span_id
        {
            nearest = unfinished;
        }
        nearest.span.parent_span_id
    }
}

#[cfg(test)]
mod tests {
    use crate::{DropReason, InMemorySink, Loss, Tracer};

    #[test]
    fn children_of_an_unfinished_span_go_to_the_nearest_ancestor_that_ended() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let ended = job.start_span("function", "ended");
        let open = ended.start_span("function", "open");
        let below = open.start_span("function", "also open");
        let (of_open, of_below) = (open.start_span("function", "1"), below.start_span("function", "2"));
        let at_root = job.start_span("function", "open at the root");
        let of_at_root = at_root.start_span("function", "3");
        let (job_id, ended_id) = (job.span_id(), ended.span_id());
        [of_open, of_below, of_at_root, ended].into_iter().for_each(|span| span.end());
        job.end();

        let sent = sink.take().remove(0);
        let parents: Vec<_> =
            sent.spans.iter().map(|span| (&*span.description, span.parent_span_id.unwrap())).collect();
        assert_eq!(parents, [("1", ended_id), ("2", ended_id), ("3", job_id), ("ended", job_id)]);
        assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::Unfinished, 3)]);
    }

    #[test]
    fn a_span_that_a_library_still_holds_ends_with_the_transaction() {
        for sink in [InMemorySink::default(), InMemorySink::streaming()] {
            let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            let start = |name: &'static str| job.context().span("function", name).start_shared();
            let (outer, endless) = (start("outer"), start("endless"));
            let inner = outer.context().span("function", "inner").start_shared();
            inner.context().start_span("function", "query").end();
            inner.end_with_transaction();
            let ended = start("ended");
            ended.end();
            ended.end_with_transaction();
            job.end();
            let duration = outer.context().elapsed();
            drop((inner, outer, endless));
            if let Some(sent) = sink.take().pop() {
                let spans = sent.spans.iter().map(|span| (&*span.description, span.parent_span_id.unwrap()));
                let id = |name| sent.spans.iter().find(|span| span.description == name).unwrap().span_id;
                let job = sent.root.span_id;
                let expected =
                    [("query", id("inner")), ("ended", job), ("outer", job), ("inner", id("outer"))];
                assert_eq!(spans.collect::<Vec<_>>(), expected);
                assert_eq!((sent.spans[2].status, duration), (None, None));
                assert!(sent.spans[2].end() <= sent.root.end() + std::time::Duration::from_secs(1));
                assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::Unfinished, 1)]);
            } else {
                assert_eq!(sink.take_spans().len(), 6, "they are sent when they end");
                assert_eq!(sink.take_losses(), []);
            }
        }
    }

    #[test]
    fn a_shared_span_that_another_may_hold_ends_with_the_transaction() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let own = job.start_span("function", "running");
        let outer = own.context().span("function", "outer").start_shared();
        let middle = outer.context().span("function", "middle").start_shared();
        let inner = middle.context().span("function", "inner").start_shared();
        let leaf = job.context().span("function", "leaf").start_shared();
        let job_id = job.span_id();
        job.end();
        drop((inner, middle, outer, leaf, own));
        let sent = sink.take().remove(0);
        let outer_id = sent.spans[0].span_id;
        let spans: Vec<_> =
            sent.spans.iter().map(|span| (&*span.description, span.parent_span_id.unwrap())).collect();
        assert_eq!(spans, [("outer", job_id), ("middle", outer_id)]);
        assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::Unfinished, 3)]);
    }

    #[test]
    fn spans_that_start_after_their_transaction_was_sent_are_counted() {
        let late = Loss::of_spans(DropReason::Unfinished, 1);
        let unsampled = Loss::of_transaction(DropReason::SampleRate, 0);
        for (rate, expected) in [(1.0, &[late, late][..]), (0.0, &[unsampled])] {
            let sink = InMemorySink::default();
            let tracer = Tracer::builder().traces_sample_rate(rate).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            let context = job.context().clone();
            job.end();
            let late = context.start_span("function", "late");
            late.start_span("function", "below it").end();
            late.end();
            assert_eq!(sink.take_losses(), expected, "{rate}");
        }
    }

    #[test]
    fn children_of_a_span_without_room_go_to_the_nearest_ancestor_that_has_it() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let (outer, job_id) = (job.start_span("function", "outer"), job.span_id());
        let inner = outer.start_span("function", "inner");
        for _ in 0..super::super::MAX_SPANS {
            inner.start_span("function", "leaf").end();
        }
        inner.end();
        outer.end();
        job.end();
        let sent = sink.take().remove(0);
        assert_eq!((sent.spans.len(), sent.dropped_spans), (super::super::MAX_SPANS, 2));
        assert!(sent.spans.iter().all(|leaf| leaf.parent_span_id == Some(job_id)));
    }

    #[test]
    fn a_span_that_never_ends_takes_no_place() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let unfinished: Vec<_> = (0..2000).map(|_| job.start_span("function", "endless")).collect();
        job.start_span("function", "done").end();
        job.end();
        let sent = sink.take().remove(0);
        assert_eq!((sent.spans.len(), sent.dropped_spans), (1, 0));
        assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::Unfinished, 2000)]);
        drop(unfinished);
    }
}
