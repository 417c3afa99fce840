//! Work in a span of its own: as a closure, or as a future.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::context::TraceContext;
use crate::current::Entered;
use crate::finished::Outcome;
use crate::slot::Slot;
use crate::span::Span;

impl TraceContext {
    /// Runs `work` in a span below this one, which is current meanwhile and ends with it.
    ///
    /// ```
    /// use trace_core::{InMemorySink, TraceContext, TransactionName, Tracer};
    ///
    /// let sink = InMemorySink::default();
    /// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    /// let job = tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("report"));
    /// let sum = job.with_span("function", "add up", |span| {
    ///     span.set_attribute("rows", 2);
    ///     1 + 1
    /// });
    /// job.end();
    /// assert_eq!((sum, sink.take()[0].spans.len()), (2, 1));
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn with_span<R>(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        work: impl FnOnce(&Span) -> R,
    ) -> R {
        let span = self.start_span(operation, description);
        span.context().clone().scope(|| work(&span))
    }
}

pin_project! {
    /// A future with a span that is current in every poll and ends with it. Made by
    /// [`InTrace::in_span`](crate::InTrace::in_span).
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is polled"]
    pub struct WithSpan<F> {
        #[pin]
        inner: F,
        slot: Slot,
        // `None` once it has ended, and where there is no span at all.
        span: Option<Span>,
    }

    impl<F> PinnedDrop for WithSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Cancelled };
            if let Some(span) = this.project().span {
                span.end_span(outcome, outcome.status());
            }
        }
    }
}

impl<F> WithSpan<F> {
    /// A future in a span; without one it is polled as it is.
    pub fn new(inner: F, span: Option<Span>) -> Self {
        Self {
            inner,
            slot: span.as_ref().map_or(Slot::EMPTY, |span| Slot::new(span.context().clone())),
            span,
        }
    }
}

impl<F: Future> Future for WithSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.span.is_none() {
            return this.inner.poll(cx);
        }
        let output = ready!(run_owned(this.slot, || this.inner.poll(cx)));
        *this.span = None;
        Poll::Ready(output)
    }
}

/// Calls `work` with the context of a slot as the current one, for whoever owns its span: it ends so if `work` panics.
///
/// `thread::panicking` cannot tell that later: somebody may have caught the panic before the owner is dropped.
pub(crate) fn run_owned<R>(slot: &mut Slot, work: impl FnOnce() -> R) -> R {
    let unwinding = EndOnPanic(slot);
    let entered = Entered::new(unwinding.0);
    let result = work();
    drop(entered);
    std::mem::forget(unwinding);
    result
}

/// Ends the span unless it is forgotten, which is what happens if nothing panics.
struct EndOnPanic<'a>(&'a mut Slot);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if let Some(context) = self.0.context() {
            context.end_span(Outcome::Panicked, Outcome::Panicked.status());
        }
    }
}
