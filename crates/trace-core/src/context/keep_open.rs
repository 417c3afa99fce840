//! Background work that a request started and that still belongs to its transaction.

use std::fmt;
use std::sync::Arc;

use crate::context::TraceContext;
use crate::record::Recorder;

/// A guard for which the transaction waits after its own end. [`TraceContext::keep_open`] makes it.
#[must_use = "the transaction waits only while the guard lives"]
pub struct KeepOpen {
    recorder: Arc<Recorder>,
}

impl TraceContext {
    /// Keeps the transaction open for spans that end after it, such as those of a task that a handler spawned. It is
    /// sent when it has ended and no guard is left, or when its [limit](crate::TracerBuilder::keep_open_limit) is
    /// over, also if a guard is leaked. Its recorded end stays that of the request. Returns `None` if nothing is
    /// recorded.
    ///
    /// This is a rule of transactions: [streamed](crate::TraceLifecycle::Stream) spans are sent, however late they end, and
    /// the guard does nothing.
    ///
    /// ```
    /// use trace_core::{InMemorySink, TransactionName, Tracer};
    ///
    /// let sink = InMemorySink::default();
    /// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    /// let request = tracer.service_span("http.server", TransactionName::route("GET /")).start();
    /// let (guard, context) = (request.context().keep_open(), request.context().clone());
    /// request.end();
    /// // In a task of its own:
    /// context.start_span("function", "tidy up").end();
    /// drop(guard);
    /// assert_eq!(sink.take()[0].spans[0].description, "tidy up");
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    #[must_use = "the transaction waits only while the guard lives"]
    pub fn keep_open(&self) -> Option<KeepOpen> {
        let recorder = self.recorded()?.recorder().clone();
        recorder.hold();
        Some(KeepOpen { recorder })
    }
}

impl Drop for KeepOpen {
    fn drop(&mut self) {
        self.recorder.release();
    }
}

impl fmt::Debug for KeepOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeepOpen").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{InMemorySink, Outcome, Span, SpanStatus, Tracer, TransactionName};

    fn request(limit: Duration) -> (InMemorySink, Span) {
        let sink = InMemorySink::default();
        let options = Tracer::builder().traces_sample_rate(1.0).keep_open_limit(limit).sink(sink.clone());
        let tracer = options.build().unwrap();
        let span = tracer.service_span("task", TransactionName::task("job")).start();
        (sink, span)
    }

    #[test]
    fn it_is_sent_once_when_the_last_guard_is_gone() {
        let (sink, root) = request(Duration::MAX);
        let context = root.context().clone();
        let (first, second) = (context.keep_open(), context.keep_open());
        drop(first);
        root.end();
        context.start_span("function", "late").end();
        assert!(sink.take().is_empty(), "a guard is left");
        drop(second);
        let sent = sink.take();
        assert_eq!((sent.len(), sent[0].spans.len()), (1, 1));
        assert!(sent[0].spans[0].start >= sent[0].root.start);
        drop(context.keep_open());
        context.start_span("function", "too late").end();
        assert!(sink.take().is_empty());
    }

    #[test]
    fn guards_that_go_first_change_nothing() {
        let (sink, root) = request(Duration::MAX);
        drop(root.context().keep_open());
        assert!(sink.take().is_empty());
        root.end();
        assert_eq!(sink.take().len(), 1);
    }

    #[test]
    fn beyond_its_limit_it_waits_no_longer_and_takes_nothing_more() {
        let (sink, root) = request(Duration::ZERO);
        let context = root.context().clone();
        let (_left, early) = (context.keep_open(), context.start_span("function", "early"));
        early.end();
        root.end();
        context.start_span("function", "late").end();
        let sent = sink.take();
        assert_eq!((sent.len(), sent[0].spans.len()), (1, 1));
        assert_eq!(sent[0].spans[0].description, "early");
    }

    #[test]
    fn what_lasts_too_long_is_cut_and_takes_nothing_more() {
        let sink = InMemorySink::default();
        let longest = Duration::from_millis(5);
        let options = Tracer::builder().traces_sample_rate(1.0).max_duration(longest).sink(sink.clone());
        let tracer = options.build().unwrap();
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        root.start_span("function", "in time").end();
        std::thread::sleep(longest);
        root.start_span("function", "late").end();
        root.end();
        let sent = sink.take();
        assert_eq!((sent[0].outcome, sent[0].root.duration), (Outcome::TimedOut, longest));
        assert_eq!(sent[0].root.status, Some(SpanStatus::DeadlineExceeded));
        let spans: Vec<_> = sent[0].spans.iter().map(|span| &*span.description).collect();
        assert_eq!(spans, ["in time"]);
    }

    #[test]
    fn without_recording_there_is_nothing_to_keep_open() {
        let tracer = Tracer::builder().build().unwrap();
        assert!(tracer.start_new_trace().keep_open().is_none());
    }
}
