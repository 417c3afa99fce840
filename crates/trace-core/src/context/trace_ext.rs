//! Futures and streams in a trace.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::{Activity, KeepOpen, Span, TraceContext, map_current};
use crate::record::Outcome;

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
    /// Wraps the future or stream so that `context`, or that of a span, is current in every poll.
    fn in_trace(self, context: impl Into<TraceContext>) -> InTrace<Self> {
        InTrace::new(self, Some(context.into().into()))
    }

    /// Wraps the future or stream so that the context that is current now is current in every poll. If none is current
    /// now, none is current in the polls.
    fn in_current_trace(self) -> InTrace<Self> {
        InTrace::new(self, Some(TraceContext::current().map(Activity::from).unwrap_or_default()))
    }

    /// Wraps the future or stream in a span, which is current in every poll and ends with the future or the last item.
    /// If it is dropped before that, the span ends as cancelled.
    ///
    /// ```
    /// use trace_core::{TraceExt, TraceContext};
    ///
    /// # async fn query() {}
    /// # async fn example() {
    /// if let Some(context) = TraceContext::current() {
    ///     let span = context.span("db.query", "SELECT 1").attribute("db.system.name", "sqlite").start();
    ///     query().in_span(span).await;
    /// }
    /// # }
    /// ```
    fn in_span(self, span: Span) -> InTrace<Self> {
        InTrace::new(self, Some(span.into()))
    }

    /// Wraps the future or stream in a new span below the current one, as [`in_span`](Self::in_span) does. The span
    /// starts now. If no context is current or the current one is not recorded, it is polled as it is.
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
    ) -> InTrace<Self> {
        let activity = map_current(|current| {
            let parent = current.filter(|context| context.is_recording())?;
            Some(parent.span(operation, description).start_activity())
        });
        InTrace::new(self, activity)
    }

    /// Wraps background work of a request, such as a task that a handler spawns: the context that is current now is
    /// current in every poll, and the transaction [stays open](TraceContext::keep_open) until the work is done.
    ///
    /// ```
    /// use trace_core::TraceExt;
    /// # fn spawn(_task: impl Future<Output = ()>) {}
    ///
    /// # async fn send_confirmation() {}
    /// spawn(send_confirmation().in_background());
    /// ```
    fn in_background(self) -> InTrace<Self> {
        let keep_open = map_current(|current| current.and_then(TraceContext::keep_open));
        InTrace { keep_open, ..self.in_current_trace() }
    }

    /// Wraps the future or stream so that nothing is traced in it, as in
    /// [`suppress_tracing`](crate::suppress_tracing).
    fn without_tracing(self) -> InTrace<Self> {
        self.in_trace(TraceContext::suppressed())
    }
}

impl<T> TraceExt for T {}

pin_project! {
    /// A future or stream with a context that is current in every poll, and perhaps a span that ends with it.
    /// [`TraceExt`] makes it.
    #[derive(Debug)]
    #[must_use = "a future or stream does nothing unless it is polled"]
    pub struct InTrace<T> {
        // Dropped first, so that the spans within it end before its own.
        #[pin]
        inner: T,
        // `None` if the work is polled as it is.
        activity: Option<Activity>,
        // Dropped last, after the spans of the work have ended.
        keep_open: Option<KeepOpen>,
    }
}

impl<T> InTrace<T> {
    /// Puts a future or stream in an activity. Without one, it is polled as it is.
    pub fn new(inner: T, activity: Option<Activity>) -> Self {
        Self { inner, activity, keep_open: None }
    }

    /// Returns the future or stream.
    #[must_use]
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// Returns the future or stream.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

/// Ends work that is complete.
fn end(activity: &mut Option<Activity>, keep_open: &mut Option<KeepOpen>) {
    if let Some(activity) = activity {
        activity.end(Outcome::Complete, None);
    }
    *keep_open = None;
}

impl<F: Future> Future for InTrace<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = {
            let _entered = this.activity.as_mut().map(Activity::enter);
            this.inner.poll(cx)
        };
        if let Some(activity) = this.activity {
            activity.end_if_overdue();
        }
        let output = ready!(polled);
        end(this.activity, this.keep_open);
        Poll::Ready(output)
    }
}

impl<S: Stream> Stream for InTrace<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let polled = {
            let _entered = this.activity.as_mut().map(Activity::enter);
            this.inner.poll_next(cx)
        };
        if let Some(activity) = this.activity {
            activity.end_if_overdue();
        }
        if let Poll::Ready(None) = polled {
            end(this.activity, this.keep_open);
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
