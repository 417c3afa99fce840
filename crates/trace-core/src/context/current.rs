//! The current context: a thread-local that is set for the duration of every poll, so that it follows the work through
//! any runtime and is always reset afterwards.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use crate::context::{BoxedContext, ContextSlot, TraceContext};
use crate::propagation::TraceData;

thread_local! {
    // This value is never dropped, so that no access has to check for that. Every entry restores the previous value,
    // so it is empty when the thread ends.
    static CURRENT: ManuallyDrop<Cell<Option<BoxedContext>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

#[inline]
pub(crate) fn swap(slot: &mut ContextSlot) {
    CURRENT.with(|current| current.swap(Cell::from_mut(&mut slot.0)));
}

/// The guard that makes the context in a slot current. The slot holds the previous context until the guard is dropped.
///
/// It borrows the slot, so that guards are dropped in reverse order, and is not `Send`.
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

/// Calls `look` with the current context. No context is current during the call.
pub fn with_current<R>(look: impl FnOnce(Option<&TraceContext>) -> R) -> R {
    let mut slot = ContextSlot::EMPTY;
    // The guard restores the context, also if `look` panics.
    let entered = Entered::new(&mut slot);
    look(entered.slot.context())
}

/// Returns the headers of the current context; `None` if there is none.
#[must_use]
pub fn trace_data() -> Option<TraceData> {
    with_current(|context| context.map(TraceContext::trace_data))
}

impl TraceContext {
    /// Returns the current context.
    #[must_use]
    pub fn current() -> Option<Self> {
        with_current(|context| context.cloned())
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
        let mut slot = ContextSlot::new(self.clone());
        let _entered = Entered::new(&mut slot);
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
