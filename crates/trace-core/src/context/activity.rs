//! A context in its slot, which is entered around each piece of work and whose span ends once.

use std::fmt;
use std::marker::PhantomData;

use crate::context::{ContextSlot, Span, TraceContext, current};
use crate::record::{Outcome, SpanStatus};

/// A context that is current while it is [entered](Self::enter), such as around each poll of a future. It may own a
/// span, which ends once: with [`end`](Self::end), by a panic of the work, or as cancelled when the activity is dropped.
///
/// Futures, services and bodies are built on it. Applications use [`TraceExt`](crate::TraceExt) instead.
///
/// ```
/// use trace_core::{Activity, Outcome, TraceContext, Tracer};
///
/// let tracer = Tracer::builder().build()?;
/// let mut activity = Activity::from(tracer.service_span("task", "job").start());
/// {
///     let _entered = activity.enter();
///     assert!(TraceContext::current().is_some());
/// }
/// activity.end(Outcome::Complete, None);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Default)]
pub struct Activity {
    /// The context of the activity; while that is current, the context that was current before.
    slot: ContextSlot,
    /// `true` until the span has ended, if there is one that is recorded.
    owns_span: bool,
}

impl Activity {
    /// Returns an activity in which no context is current.
    #[must_use]
    pub const fn without_context() -> Self {
        Self { slot: ContextSlot::EMPTY, owns_span: false }
    }

    /// Returns an activity that owns the span of a context.
    #[inline]
    pub(crate) fn owning(context: TraceContext) -> Self {
        let owns_span = context.is_recording();
        Self { slot: ContextSlot::new(context), owns_span }
    }

    /// Takes over the span of the context, if it is recorded.
    #[inline]
    pub(crate) fn own_span(&mut self) {
        self.owns_span = self.context().is_some_and(TraceContext::is_recording);
    }

    /// Returns the context. There is none while the activity is entered, because it is the current one then.
    #[must_use]
    #[inline]
    pub fn context(&self) -> Option<&TraceContext> {
        self.slot.context()
    }

    #[inline]
    pub(crate) fn context_mut(&mut self) -> Option<&mut TraceContext> {
        self.slot.context_mut()
    }

    /// Returns whether there is a recorded span that has not ended.
    #[must_use]
    #[inline]
    pub fn owns_span(&self) -> bool {
        self.owns_span
    }

    /// Makes the context current for as long as the returned guard lives. If a panic drops the guard, the span ends.
    ///
    /// Guards of several activities must be dropped in the reverse order in which they were made, and none may be
    /// held across an `.await`: each exchanges its context with the one that is current. Where that cannot be promised,
    /// use [`TraceContext::attach`].
    #[inline]
    pub fn enter(&mut self) -> Entered<'_> {
        current::enter(&mut self.slot);
        let ends_by_panic = self.owns_span && !std::thread::panicking();
        Entered { activity: self, ends_by_panic, not_send: PhantomData }
    }

    /// Ends the span, unless it has ended. `status` applies if no status was set.
    pub fn end(&mut self, outcome: Outcome, status: Option<SpanStatus>) {
        if std::mem::take(&mut self.owns_span)
            && let Some(context) = self.slot.context()
        {
            context.end_span(outcome, status, None);
        }
    }

    /// Returns whether there is a service span that has not ended and has reached its [maximum
    /// duration](crate::TracerBuilder::max_duration).
    #[must_use]
    #[inline]
    pub fn is_overdue(&self) -> bool {
        self.owns_span && self.slot.context().is_some_and(TraceContext::is_overdue)
    }

    /// Ends the span if it [is overdue](Self::is_overdue).
    #[inline]
    pub fn end_if_overdue(&mut self) {
        if self.is_overdue() {
            self.end(Outcome::TimedOut, None);
        }
    }
}

/// The work is in the context, whose span is somebody else's to end.
impl From<TraceContext> for Activity {
    fn from(context: TraceContext) -> Self {
        Self { slot: ContextSlot::new(context), owns_span: false }
    }
}

/// The activity owns the span.
impl From<Span> for Activity {
    fn from(span: Span) -> Self {
        Self::owning(span.into_context())
    }
}

impl Drop for Activity {
    #[inline]
    fn drop(&mut self) {
        if self.owns_span {
            let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Cancelled };
            self.end(outcome, outcome.status());
        }
    }
}

/// The guard of an [`Activity`] that is entered. The context that was current before is current again afterwards.
///
/// If the guard is dropped because the work has panicked, it ends the span as panicked. The panic must be noticed here:
/// it may be caught before the owner of the activity is dropped, and then `thread::panicking` returns `false`.
#[must_use = "the context is current only while this lives"]
pub struct Entered<'a> {
    activity: &'a mut Activity,
    /// `true` if a panic of the work ends the span: there is one, and the thread was not panicking before.
    ends_by_panic: bool,
    not_send: PhantomData<*const ()>,
}

impl Entered<'_> {
    /// Returns the context that was current before.
    #[inline]
    pub(super) fn before(&self) -> Option<&TraceContext> {
        self.activity.context()
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        current::leave(&mut self.activity.slot);
        if self.ends_by_panic && std::thread::panicking() {
            self.activity.end(Outcome::Panicked, Outcome::Panicked.status());
        }
    }
}

impl fmt::Debug for Entered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}
