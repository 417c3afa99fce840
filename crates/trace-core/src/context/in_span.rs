//! Work in a span of its own: a closure or a future.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::context::{ContextSlot, Span, TraceContext};
use crate::record::Outcome;

impl TraceContext {
    /// Runs `work` in a span below this one. The span is current during the work and ends with it.
    ///
    /// ```
    /// use trace_core::{InMemorySink, TraceContext, TransactionName, Tracer};
    ///
    /// let sink = InMemorySink::default();
    /// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    /// let job = tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("report"));
    /// let sum = job.in_child_span("function", "add up", |span| {
    ///     span.set_attribute("rows", 2);
    ///     1 + 1
    /// });
    /// job.end();
    /// assert_eq!((sum, sink.take()[0].spans.len()), (2, 1));
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn in_child_span<R>(
        &self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        work: impl FnOnce(&Span) -> R,
    ) -> R {
        let span = self.start_span(operation, description);
        span.context().scope(|| work(&span))
    }
}

pin_project! {
    /// A future with a span that is current in every poll and ends with it. Made by
    /// [`TraceExt::in_span`](crate::TraceExt::in_span).
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is polled"]
    pub struct InSpan<F> {
        #[pin]
        inner: F,
        slot: ContextSlot,
        // `None` once the span has ended, or if there is no span at all.
        span: Option<Span>,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Cancelled };
            if let Some(span) = this.project().span {
                span.end_span(outcome, outcome.status());
            }
        }
    }
}

impl<F> InSpan<F> {
    /// Puts a future in a span. Without a span, the future is polled as it is.
    pub fn new(inner: F, span: Option<Span>) -> Self {
        Self {
            inner,
            slot: span.as_ref().map_or(ContextSlot::EMPTY, |span| ContextSlot::new(span.context().clone())),
            span,
        }
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.span.is_none() {
            return this.inner.poll(cx);
        }
        let polled = {
            let _running = Running::new(this.slot, true);
            this.inner.poll(cx)
        };
        let output = ready!(polled);
        *this.span = None;
        Poll::Ready(output)
    }
}

/// The guard that makes the context of a slot current. If it is dropped because the work within has panicked, it ends
/// the span as panicked.
///
/// The panic must be noticed here: it may be caught before the owner of the span is dropped, and then
/// `thread::panicking` returns `false`.
#[must_use = "the context is current only while this lives"]
pub struct Running<'a> {
    slot: &'a mut ContextSlot,
    /// `true` if a panic of the work ends the span: the span is recorded, and the thread was not panicking before.
    ends_by_panic: bool,
    not_send: PhantomData<*const ()>,
}

impl<'a> Running<'a> {
    #[inline]
    pub(crate) fn new(slot: &'a mut ContextSlot, is_recording: bool) -> Self {
        super::current::swap(slot);
        Self { slot, ends_by_panic: is_recording && !std::thread::panicking(), not_send: PhantomData }
    }
}

impl Drop for Running<'_> {
    #[inline]
    fn drop(&mut self) {
        super::current::swap(self.slot);
        if self.ends_by_panic
            && std::thread::panicking()
            && let Some(context) = self.slot.context()
        {
            context.end_span(Outcome::Panicked, Outcome::Panicked.status());
        }
    }
}

impl fmt::Debug for Running<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}
