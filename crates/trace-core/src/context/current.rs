//! The current context: a thread-local that is set round every poll, so that it follows the work through any
//! runtime and never stays behind on a thread.

use std::borrow::Cow;
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::{BoxedContext, ContextSlot, InSpan, Span, TraceContext};
use crate::propagation::TraceData;

thread_local! {
    // Never dropped, so that no access has to ask whether it was: whoever entered puts back what was there before, so it
    // is empty when the thread ends.
    static CURRENT: ManuallyDrop<Cell<Option<BoxedContext>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

#[inline]
pub(crate) fn swap(slot: &mut ContextSlot) {
    CURRENT.with(|current| current.swap(Cell::from_mut(&mut slot.0)));
}

/// While this lives, the context that was in the slot is current, and the slot holds the one before it.
///
/// It borrows the slot, so that entries end in the opposite order, and is not `Send`.
pub(crate) struct Entered<'a> {
    slot: &'a mut ContextSlot,
    not_send: PhantomData<*const ()>,
}

impl<'a> Entered<'a> {
    #[inline]
    pub(crate) fn new(slot: &'a mut ContextSlot) -> Self {
        swap(slot);
        Self { slot, not_send: PhantomData }
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.slot);
    }
}

/// Calls `look` with the current context. Within it no context is current.
pub fn with_current<R>(look: impl FnOnce(Option<&TraceContext>) -> R) -> R {
    let mut slot = ContextSlot::EMPTY;
    // The entry puts the context back, also if `look` panics.
    let entered = Entered::new(&mut slot);
    look(entered.slot.context())
}

/// The headers of the current context; `None` if there is none.
#[must_use]
pub fn trace_data() -> Option<TraceData> {
    with_current(|context| context.map(TraceContext::trace_data))
}

impl TraceContext {
    /// The current context.
    #[must_use]
    pub fn current() -> Option<Self> {
        with_current(|context| context.cloned())
    }

    /// Runs `work` with this context as the current one; afterwards the previous one is current again.
    ///
    /// ```
    /// use trace_core::{TraceContext, Tracer};
    ///
    /// let context = Tracer::builder().build()?.start_new_trace();
    /// let inside = context.scope(TraceContext::current);
    /// assert_eq!(inside.unwrap().trace_id(), context.trace_id());
    /// assert!(TraceContext::current().is_none());
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn scope<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut slot = ContextSlot::new(self.clone());
        let _entered = Entered::new(&mut slot);
        work()
    }
}

/// Takes the current context along to where `work` will run, such as a blocking thread.
///
/// ```
/// # let context = trace_core::Tracer::builder().build()?.start_new_trace();
/// # let expected = context.trace_id();
/// # context.scope(|| {
/// let thread = std::thread::spawn(trace_core::in_current_trace(|| {
///     trace_core::TraceContext::current().map(|context| context.trace_id())
/// }));
/// # assert_eq!(thread.join().unwrap(), Some(expected));
/// # });
/// # Ok::<(), trace_core::BuildError>(())
/// ```
pub fn in_current_trace<R>(work: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let context = TraceContext::current();
    move || match context {
        Some(context) => context.scope(work),
        None => work(),
    }
}

/// Puts futures and streams in a trace.
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
    /// The same, with `context` current in every poll.
    fn in_trace(self, context: TraceContext) -> InTrace<Self> {
        InTrace { inner: self, slot: ContextSlot::new(context) }
    }

    /// The same in a span, which is current in every poll, and ends with the future: given up if the future is dropped
    /// before.
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

    /// The same in a new span below the one that is current now, which begins at once and ends with the future. Does nothing
    /// where no trace is current or nothing of it is recorded.
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

    /// The same, with the context that is current now current in every poll. Without one, no context is.
    fn in_current_trace(self) -> InTrace<Self> {
        InTrace { inner: self, slot: TraceContext::current().map_or(ContextSlot::EMPTY, ContextSlot::new) }
    }
}

impl<T> TraceExt for T {}

pin_project! {
    /// A future or stream with a context that is current in every poll. Made by [`TraceExt`].
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
