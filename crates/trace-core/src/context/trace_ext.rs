//! Futures and streams in a trace.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::current::Entered;
use crate::context::{ContextSlot, InSpan, Span, TraceContext, with_current};

/// An extension trait that puts futures and streams in a trace.
///
/// A spawned task does not inherit the current context by itself:
///
/// ```
/// use trace_core::TraceExt;
/// # fn spawn(_task: impl Future<Output = ()>) {}
///
/// spawn(async { /* the trace of the request goes on here */ }.in_current_trace());
/// ```
pub trait TraceExt: Sized {
    /// Wraps the future or stream so that `context` is current in every poll.
    fn in_trace(self, context: TraceContext) -> InTrace<Self> {
        InTrace { inner: self, slot: ContextSlot::new(context) }
    }

    /// Wraps the future in a span, which is current in every poll and ends with the future. If the future is dropped
    /// before it completes, the span ends as cancelled.
    ///
    /// ```
    /// use trace_core::{TraceExt, TraceContext};
    ///
    /// # async fn query() {}
    /// # async fn example() {
    /// if let Some(context) = TraceContext::current() {
    ///     query().in_span(context.start_span("db.query", "SELECT 1")).await;
    /// }
    /// # }
    /// ```
    fn in_span(self, span: Span) -> InSpan<Self> {
        InSpan::new(self, Some(span))
    }

    /// Wraps the future in a new span below the current one. The span starts now and ends with the future. Returns the
    /// future without a span if no context is current or the current one is not recorded.
    ///
    /// ```
    /// use trace_core::TraceExt;
    ///
    /// # async fn query() {}
    /// # async fn example() {
    /// query().in_new_span("db.query", "SELECT 1").await;
    /// # }
    /// ```
    fn in_new_span(
        self,
        operation: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
    ) -> InSpan<Self> {
        let span = with_current(|current| {
            current
                .filter(|context| context.is_recording())
                .map(|context| context.start_span(operation, description))
        });
        InSpan::new(self, span)
    }

    /// Wraps the future or stream so that the context that is current now is current in every poll. If none is current
    /// now, none is current in the polls.
    fn in_current_trace(self) -> InTrace<Self> {
        InTrace { inner: self, slot: TraceContext::current().map_or(ContextSlot::EMPTY, ContextSlot::new) }
    }
}

impl<T> TraceExt for T {}

pin_project! {
    /// A future or stream with a context that is current in every poll. [`TraceExt`] makes it.
    #[derive(Debug)]
    pub struct InTrace<T> {
        #[pin]
        inner: T,
        slot: ContextSlot,
    }
}

impl<F: Future> Future for InTrace<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = Entered::new(this.slot);
        this.inner.poll(cx)
    }
}

impl<S: Stream> Stream for InTrace<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let _entered = Entered::new(this.slot);
        this.inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
