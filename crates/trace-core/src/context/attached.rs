//! Contexts that are made current by a pair of calls, for code that is neither a closure nor a future.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU64;

use crate::context::{SharedSpan, TraceContext, current};

/// The number of attached contexts from which on those are looked for whose span has ended: what is attached by a key and
/// never detached, because its guard was moved to another thread, would stay.
const MANY: usize = 64;

thread_local! {
    static ATTACHED: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static LAST_ID: Cell<u64> = const { Cell::new(0) };
}

struct Entry {
    key: AttachKey,
    /// The number of activities that were entered when the context was attached. It is current only as long as there are
    /// exactly so many, because the context of an inner activity takes precedence.
    depth: u32,
    span: SharedSpan,
}

/// The identity under which a bridge attaches a span: the number of the bridge and that of its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachKey {
    bridge: u64,
    span: u64,
}

impl AttachKey {
    /// Returns the key of a bridge, whose number is not zero, and of one of its spans. Several bridges of a process need
    /// different numbers.
    #[must_use]
    #[inline]
    pub const fn new(bridge: NonZeroU64, span: u64) -> Self {
        Self { bridge: bridge.get(), span }
    }
}

/// A guard that makes a context current until it is dropped. [`TraceContext::attach`] makes it.
#[must_use = "the context is current only while this lives"]
pub struct Attached {
    key: AttachKey,
    not_send: PhantomData<*const ()>,
}

impl TraceContext {
    /// Makes this context current until the returned guard is dropped, for code that is called before and after the
    /// work, such as a bridge to another library. Prefer [`scope`](Self::scope) and
    /// [`in_trace`](crate::TraceExt::in_trace).
    ///
    /// Guards may be dropped in any order: each removes its own context only, and the last one that is left is current.
    /// A guard that outlives the poll or scope in which it was made, as one that is held across an `.await` does, has no
    /// effect afterwards.
    ///
    /// ```
    /// use trace_core::{TraceContext, Tracer};
    ///
    /// let tracer = Tracer::builder().build()?;
    /// let (first, second) = (tracer.start_new_trace(), tracer.start_new_trace());
    /// let (outer, inner) = (first.attach(), second.attach());
    /// drop(outer);
    /// assert_eq!(TraceContext::current().unwrap().trace_id(), second.trace_id());
    /// drop(inner);
    /// assert!(TraceContext::current().is_none());
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn attach(&self) -> Attached {
        SharedSpan::borrowing(self.clone()).attach()
    }
}

impl SharedSpan {
    /// Makes the span current until the returned guard is dropped or the span ends, as [`TraceContext::attach`] does.
    pub fn attach(&self) -> Attached {
        let id = LAST_ID.get().wrapping_add(1);
        LAST_ID.set(id);
        // No bridge has the number 0.
        let key = AttachKey { bridge: 0, span: id };
        self.attach_as(key);
        Attached { key, not_send: PhantomData }
    }

    /// Makes the span current until [`detach`] is called on this thread with the same key, as often as it was attached, or
    /// until the span ends. It is for a bridge whose calls cannot hand on a guard.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use trace_core::{AttachKey, TraceContext, Tracer, detach};
    ///
    /// let tracer = Tracer::builder().build()?;
    /// let span = tracer.start_new_trace().span("function", "work").start_shared();
    /// let key = AttachKey::new(NonZeroU64::MIN, 17);
    /// span.attach_as(key);
    /// assert_eq!(TraceContext::current().unwrap().span_id(), span.context().span_id());
    /// detach(key);
    /// assert!(TraceContext::current().is_none());
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn attach_as(&self, key: AttachKey) {
        let entry = Entry { key, depth: current::depth(), span: self.clone() };
        let number = change(|attached| {
            attached.push(entry);
            attached.len()
        });
        if number.is_some_and(|number| number >= MANY && number.is_power_of_two()) {
            forget_ended();
        }
    }
}

/// Ends what [`SharedSpan::attach_as`] began. What is not attached on this thread is ignored.
#[inline]
pub fn detach(key: AttachKey) {
    if current::has_attached() {
        remove(key);
    }
}

#[cold]
#[inline(never)]
fn remove(key: AttachKey) {
    let _removed = change(|attached| match attached.pop_if(|last| last.key == key) {
        None => {
            let place = attached.iter().rposition(|entry| entry.key == key);
            place.map(|place| attached.remove(place))
        }
        last => last,
    });
}

impl Drop for Attached {
    fn drop(&mut self) {
        detach(self.key);
    }
}

/// Detaches what was attached at greater depths than this one.
#[cold]
pub(super) fn detach_below(depth: u32) {
    // The depths ascend, because this is called whenever an activity is left.
    let _removed =
        change(|attached| attached.split_off(attached.partition_point(|entry| entry.depth <= depth)));
}

#[cold]
fn forget_ended() {
    let ended = |attached: &mut Vec<Entry>| -> Vec<_> {
        attached.extract_if(.., |entry| entry.span.has_ended()).collect()
    };
    let _removed = change(ended);
}

/// Returns the span that was attached last at this depth and has not ended.
pub(super) fn innermost(depth: u32) -> Option<SharedSpan> {
    map_innermost(depth, SharedSpan::clone)
}

/// Returns whether the span that was attached last at this depth and has not ended is recorded; `None` if there is none.
pub(super) fn is_recording(depth: u32) -> Option<bool> {
    map_innermost(depth, |span| span.context().is_recording())
}

/// Looks at the span that was attached last at this depth and has not ended.
fn map_innermost<R>(depth: u32, look: impl FnOnce(&SharedSpan) -> R) -> Option<R> {
    let last = |attached: &RefCell<Vec<Entry>>| {
        let attached = attached.borrow();
        let here = attached.iter().rev().take_while(|entry| entry.depth == depth);
        here.map(|entry| &entry.span).find(|span| !span.has_ended()).map(look)
    };
    ATTACHED.try_with(last).ok().flatten()
}

/// Changes the entries, unless the thread is ending. What was removed has to be dropped by the caller, after the borrow, since
/// the end of a context may run code of the application.
fn change<R>(change: impl FnOnce(&mut Vec<Entry>) -> R) -> Option<R> {
    let changed = ATTACHED.try_with(|attached| {
        let mut attached = attached.borrow_mut();
        let changed = change(&mut attached);
        current::set_attached(attached.last().map(|last| last.depth));
        changed
    });
    changed.ok()
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{ATTACHED, MANY};
    use crate::{AttachKey, Attached, SharedSpan, TraceContext, TraceId, Tracer, detach};

    fn current() -> Option<TraceId> {
        TraceContext::current().map(|context| context.trace_id())
    }

    /// A step of code that attaches contexts, in nested scopes.
    #[derive(Debug, Clone)]
    enum Step {
        Attach,
        Detach(usize),
        Scope(Vec<Step>),
    }

    fn step() -> impl Strategy<Value = Step> {
        let leaf = prop_oneof![2 => Just(Step::Attach), 3 => (0..6_usize).prop_map(Step::Detach)];
        leaf.prop_recursive(3, 24, 6, |inner| vec(inner, 0..6).prop_map(Step::Scope))
    }

    /// The guards that were made so far, with their trace and the number of the scope in which they were made.
    #[derive(Default)]
    struct Guards(Vec<(Option<Attached>, TraceId, u32)>);

    impl Guards {
        /// Returns the trace that must be current in a scope, which has `own` as its context.
        fn expected(&self, scope: u32, own: Option<TraceId>) -> Option<TraceId> {
            let in_scope =
                |(guard, _, of): &&(Option<Attached>, TraceId, u32)| guard.is_some() && *of == scope;
            self.0.iter().rfind(in_scope).map(|(_, trace_id, _)| *trace_id).or(own)
        }

        fn run(&mut self, tracer: &Tracer, steps: &[Step], scopes: &mut u32, own: Option<TraceId>) {
            *scopes += 1;
            let scope = *scopes;
            for step in steps {
                match step {
                    Step::Attach => {
                        let context = tracer.start_new_trace();
                        self.0.push((Some(context.attach()), context.trace_id(), scope));
                    }
                    Step::Detach(number) => {
                        if let Some((guard, ..)) = self.0.get_mut(*number) {
                            drop(guard.take());
                        }
                    }
                    Step::Scope(steps) => {
                        let inner = tracer.start_new_trace();
                        inner.scope(|| self.run(tracer, steps, scopes, Some(inner.trace_id())));
                    }
                }
                assert_eq!(current(), self.expected(scope, own));
            }
        }
    }

    proptest! {
        #[test]
        fn only_what_was_attached_in_this_scope_and_is_still_attached_is_current(steps in vec(step(), 0..12)) {
            let tracer = Tracer::builder().build().unwrap();
            let mut guards = Guards::default();
            guards.run(&tracer, &steps, &mut 0, None);
            drop(guards);
            prop_assert_eq!(current(), None);
        }
    }

    #[test]
    fn a_key_detaches_what_was_attached_last_by_it() {
        let tracer = Tracer::builder().build().unwrap();
        let [first, second] = [(); 2].map(|()| tracer.start_new_trace().span("function", "").start_shared());
        let key = |span| AttachKey::new(NonZeroU64::MIN, span);
        let of = |span: &SharedSpan| Some(span.context().trace_id());
        detach(key(1));
        first.attach_as(key(1));
        second.attach_as(key(2));
        first.attach_as(key(1));
        detach(AttachKey::new(NonZeroU64::MAX, 1));
        assert_eq!(current(), of(&first));
        for (detached, expected) in [(1, of(&second)), (3, of(&second)), (1, of(&second)), (2, None)] {
            detach(key(detached));
            assert_eq!(current(), expected, "{detached}");
        }
    }

    #[test]
    fn what_is_never_detached_is_forgotten_after_its_end() {
        let tracer = Tracer::builder().build().unwrap();
        let context = tracer.start_new_trace();
        for number in 0..10_000 {
            let span = context.span("function", "").start_shared();
            span.attach_as(AttachKey::new(NonZeroU64::MIN, number));
            span.end();
        }
        let attached = ATTACHED.with(|attached| attached.borrow().len());
        assert!(attached <= 2 * MANY, "{attached}");
        assert_eq!(current(), None);
    }

    #[test]
    fn nothing_is_current_while_the_current_context_is_looked_at() {
        let context = Tracer::builder().build().unwrap().start_new_trace();
        let attached = context.attach();
        let seen = crate::map_current(|outer| (outer.map(TraceContext::trace_id), current()));
        assert_eq!(seen, (Some(context.trace_id()), None));
        drop(attached);
        assert_eq!(current(), None);
    }

    #[test]
    fn another_thread_has_its_own() {
        let context = Tracer::builder().build().unwrap().start_new_trace();
        let _attached = context.attach();
        assert_eq!(std::thread::spawn(current).join().unwrap(), None);
    }
}
