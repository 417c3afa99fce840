//! Spans that are entered and left by calls on any thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::context::TraceContext;
use crate::record::{ActiveSpan, Outcome, SpanStatus};

/// A span that any number of threads may [attach](Self::attach), in any order, until it [ends](Self::end). It is for
/// bridges to other libraries, whose spans are entered and left by calls. Applications use
/// [`TraceExt`](crate::TraceExt).
///
/// Clones are the same span. Once it has ended it is current nowhere, also where it is still attached. It ends when the
/// last clone is dropped, if it has not ended before.
///
/// ```
/// use trace_core::{InMemorySink, TraceContext, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let job = tracer.service_span("task", "report").start();
/// let span = job.context().span("function", "add up").start_shared();
/// let attached = span.attach();
/// assert_eq!(TraceContext::current().unwrap().span_id(), span.context().span_id());
/// span.end();
/// assert!(TraceContext::current().is_none());
/// drop(attached);
/// job.end();
/// assert_eq!(sink.take()[0].spans.len(), 1);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct SharedSpan(Arc<Shared>);

struct Shared {
    context: TraceContext,
    owns_span: bool,
    has_ended: AtomicBool,
}

impl SharedSpan {
    /// Returns a span that ends with [`end`](Self::end).
    #[inline]
    pub(crate) fn owning(context: TraceContext) -> Self {
        Self(Arc::new(Shared { context, owns_span: true, has_ended: AtomicBool::new(false) }))
    }

    /// Returns the span of a context, which somebody else ends.
    pub(super) fn borrowing(context: TraceContext) -> Self {
        Self(Arc::new(Shared { context, owns_span: false, has_ended: AtomicBool::new(false) }))
    }

    /// Returns the context of the span.
    #[must_use]
    #[inline]
    pub fn context(&self) -> &TraceContext {
        &self.0.context
    }

    /// Returns whether it has ended.
    #[must_use]
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.0.has_ended.load(Ordering::Acquire)
    }

    /// Returns whether [`end`](Self::end) may run [code of the application](crate::SpanSink::runs_hooks): the span is handed
    /// to the sink when it ends, because it is a service span or is streamed.
    #[must_use]
    pub fn end_runs_hooks(&self) -> bool {
        self.context().recorded().is_some_and(ActiveSpan::end_runs_hooks)
    }

    /// Ends the span, unless it has ended. If the thread is panicking, it ends as panicked.
    pub fn end(&self) {
        let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Complete };
        self.0.end(outcome, outcome.status());
    }

    /// Has the span, and the spans above it, end when the transaction is sent, unless they have ended before. Other spans
    /// that have not ended then are dropped.
    ///
    /// It is for a span that a library holds for a moment longer than its work takes, such as on a thread that has just
    /// answered. This is a rule of transactions: [streamed](crate::TraceLifecycle::Stream) spans are sent, however late they
    /// end.
    pub fn end_with_transaction(&self) {
        if let Some(span) = self.context().recorded() {
            span.end_with_transaction();
        }
    }

    /// Ends the span. If it lasted less than `shortest`, it is folded into its parent: it is not sent, and the parent's
    /// attribute `folded_spans` counts it. A service span, a span that has failed, and one that has links or recorded
    /// spans below it are never folded.
    pub fn end_or_fold(&self, shortest: Duration) {
        let folds = !self.has_ended() && !std::thread::panicking();
        if folds && self.context().recorded().is_some_and(|span| span.fold(shortest)) {
            self.0.has_ended.store(true, Ordering::Release);
        } else {
            self.end();
        }
    }
}

impl Shared {
    fn end(&self, outcome: Outcome, status: Option<SpanStatus>) {
        if self.owns_span && !self.has_ended.swap(true, Ordering::AcqRel) {
            self.context.end_span(outcome, status, None);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if !*self.has_ended.get_mut() {
            let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Cancelled };
            self.end(outcome, outcome.status());
        }
    }
}

impl fmt::Debug for SharedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedSpan").field(self.context()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{InMemorySink, SpanStatus, TraceContext, Tracer, is_recording};

    const NEVER: Duration = Duration::from_secs(3600);

    #[test]
    fn a_span_that_has_ended_is_current_nowhere() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let current = || TraceContext::current().map(|context| context.span_id());
        let outer = job.context().span("function", "outer").start_shared();
        let inner = job.context().span("function", "inner").start_shared();
        assert!(!is_recording());
        let (of_outer, of_inner) = (outer.attach(), inner.attach());
        assert_eq!(current(), Some(inner.context().span_id()));
        inner.clone().end();
        assert_eq!((current(), inner.has_ended()), (Some(outer.context().span_id()), true));
        assert!(is_recording());
        job.scope(|| {
            assert_eq!(current(), Some(job.span_id()), "what is attached outside is not current inside")
        });
        drop(of_outer);
        assert_eq!((current(), is_recording()), (None, false));
        drop(of_inner);
        drop((outer, inner));
        job.end();
        let statuses: Vec<_> = sink.take()[0].spans.iter().map(|span| span.status).collect();
        assert_eq!(statuses, [None, Some(SpanStatus::Cancelled)]);
    }

    #[test]
    fn a_short_span_is_counted_by_its_parent() {
        for sink in [InMemorySink::default(), InMemorySink::streaming()] {
            let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            let parent = job.start_span("function", "parent");
            let start = |name: &'static str| parent.context().span("function", name).start_shared();
            // A folded span hands on what it has folded itself.
            let short = start("short");
            short.context().span("function", "below").start_shared().end_or_fold(NEVER);
            short.end_or_fold(NEVER);
            start("long enough").end_or_fold(Duration::ZERO);
            let failed = start("failed");
            failed.context().set_status(SpanStatus::DataLoss);
            failed.end_or_fold(NEVER);
            let with_child = start("has a child");
            with_child.context().start_span("function", "child").end();
            with_child.end_or_fold(NEVER);
            let with_open_child = start("has an open child");
            let open = with_open_child.context().start_span("function", "open");
            with_open_child.end_or_fold(NEVER);
            open.end();
            parent.end();
            assert_eq!(job.context().started_spans(), 9);
            job.end();
            let mut spans: Vec<_> = sink.take().into_iter().flat_map(|sent| sent.spans).collect();
            spans.extend(sink.take_spans().into_iter().map(|streamed| streamed.span.clone()));
            spans.retain(|span| !span.description.is_empty());
            let mut names: Vec<_> = spans.iter().map(|span| &*span.description).collect();
            names.sort_unstable();
            let expected =
                ["child", "failed", "has a child", "has an open child", "long enough", "open", "parent"];
            assert_eq!(names, expected);
            let parent = spans.iter().find(|span| span.description == "parent").unwrap();
            assert_eq!(parent.attribute("folded_spans"), Some(&2.into()));
        }
    }
}
