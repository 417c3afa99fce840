//! The current context: a thread-local that is set for the duration of every poll, so that it follows the work through
//! any runtime and is always reset afterwards.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use crate::context::attached;
use crate::context::{Activity, BoxedContext, ContextSlot, SharedSpan, TraceContext};
use crate::propagation::TraceData;

/// The contexts of a thread.
struct Thread {
    /// The context of the innermost activity that is entered. This value is never dropped, so that no access has to check
    /// for that. Every activity restores the previous value, so it is empty when the thread ends.
    entered: ManuallyDrop<Cell<Option<BoxedContext>>>,
    /// The number of activities that are entered, one within the other, and 1.
    depth: Cell<u32>,
    /// The depth at which a context was [attached](TraceContext::attach) last; 0 if none is.
    attached: Cell<u32>,
}

impl Thread {
    /// Returns the current depth, if a context was attached at it.
    #[inline]
    fn depth_if_attached(&self) -> Option<u32> {
        let depth = self.depth.get();
        (self.attached.get() == depth).then_some(depth)
    }
}

thread_local! {
    static THREAD: Thread = const {
        Thread {
            entered: ManuallyDrop::new(Cell::new(None)),
            depth: Cell::new(1),
            attached: Cell::new(0),
        }
    };
}

/// Exchanges the context of a slot with the current one when an activity is entered.
#[inline]
pub(super) fn enter(slot: &mut ContextSlot) {
    THREAD.with(|thread| {
        thread.entered.swap(Cell::from_mut(&mut slot.0));
        thread.depth.set(thread.depth.get() + 1);
    });
}

/// Restores the slot and the context that was current before. What was attached meanwhile is detached.
#[inline]
pub(super) fn leave(slot: &mut ContextSlot) {
    THREAD.with(|thread| {
        thread.entered.swap(Cell::from_mut(&mut slot.0));
        let depth = thread.depth.get() - 1;
        thread.depth.set(depth);
        if thread.attached.get() > depth {
            attached::detach_below(depth);
        }
    });
}

/// Returns the number of activities that are entered on this thread.
pub(super) fn depth() -> u32 {
    THREAD.with(|thread| thread.depth.get())
}

/// Returns whether a context is attached, at any depth.
#[inline]
pub(super) fn has_attached() -> bool {
    THREAD.with(|thread| thread.attached.get() != 0)
}

/// Notes the depth at which a context was attached last.
pub(super) fn set_attached(depth: Option<u32>) {
    THREAD.with(|thread| thread.attached.set(depth.unwrap_or(0)));
}

/// Calls `look` with the current context. No context is current during the call.
pub fn map_current<R>(look: impl FnOnce(Option<&TraceContext>) -> R) -> R {
    let attached = THREAD.with(Thread::depth_if_attached).and_then(attached::innermost);
    let mut nothing = Activity::without_context();
    // The guard restores the context, also if `look` panics.
    let entered = nothing.enter();
    let looked = look(attached.as_ref().map(SharedSpan::context).or_else(|| entered.before()));
    drop(entered);
    // It is empty again; forgetting it omits its drop.
    std::mem::forget(nothing);
    looked
}

/// Returns whether the spans of the current context are recorded; `false` if there is none. It is cheaper than
/// [`map_current`].
#[must_use]
#[inline]
pub fn is_recording() -> bool {
    THREAD.with(|thread| {
        if let Some(is_recording) = thread.depth_if_attached().and_then(attached::is_recording) {
            return is_recording;
        }
        let entered = thread.entered.take();
        let is_recording =
            entered.as_deref().and_then(Option::as_ref).is_some_and(TraceContext::is_recording);
        // What is replaced is `None`; forgetting it omits its drop.
        std::mem::forget(thread.entered.replace(entered));
        is_recording
    })
}

/// Returns the headers of the current context; `None` if there is none.
#[must_use]
pub fn trace_data() -> Option<TraceData> {
    map_current(|context| context.map(TraceContext::trace_data))
}

impl TraceContext {
    /// Returns the current context.
    #[must_use]
    pub fn current() -> Option<Self> {
        map_current(|context| context.cloned())
    }

    /// Runs `work` with this context as the current one. The previous one is current again afterwards.
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
        let mut activity = Activity::from(self.clone());
        let _entered = activity.enter();
        work()
    }
}

/// Wraps `work` so that it runs in the current context wherever it is called, such as on a blocking thread.
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

/// Runs `work` without tracing, such as a health check or the delivery of telemetry itself: no span is recorded, and no
/// outgoing request gets the headers.
///
/// ```
/// use trace_core::{Injection, Withheld, suppress_tracing};
///
/// let tracer = trace_core::Tracer::builder().build()?;
/// let mut request = http::HeaderMap::new();
/// let injection = suppress_tracing(|| tracer.map_parent(|parent| parent.inject(&mut request)));
/// assert!(matches!(injection, Injection::Withheld(Withheld::Suppressed)));
/// assert!(request.is_empty());
/// # Ok::<(), trace_core::BuildError>(())
/// ```
pub fn suppress_tracing<R>(work: impl FnOnce() -> R) -> R {
    TraceContext::suppressed().scope(work)
}
