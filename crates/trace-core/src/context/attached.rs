//! Contexts that are made current by a pair of calls, for code that is neither a closure nor a future.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;

use crate::context::{SharedSpan, TraceContext, current};

thread_local! {
    static ATTACHED: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static LAST_ID: Cell<u64> = const { Cell::new(0) };
}

struct Entry {
    id: u64,
    /// The number of activities that were entered when the context was attached. It is current only as long as there are
    /// exactly so many, because the context of an inner activity takes precedence.
    depth: u32,
    span: SharedSpan,
}

/// A guard that makes a context current until it is dropped. [`TraceContext::attach`] makes it.
#[must_use = "the context is current only while this lives"]
pub struct Attached {
    id: u64,
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
        let entry = Entry { id, depth: current::depth(), span: self.clone() };
        // A thread that is ending attaches nothing.
        if ATTACHED.try_with(|attached| attached.borrow_mut().push(entry)).is_ok() {
            current::set_has_attached(true);
        }
        Attached { id, not_send: PhantomData }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        change(|attached| match attached.pop_if(|last| last.id == self.id) {
            None => {
                let place = attached.iter().rposition(|entry| entry.id == self.id);
                place.map(|place| attached.remove(place))
            }
            last => last,
        });
    }
}

impl Attached {
    /// Returns whether it has no effect any more, because the span has ended or because the guard has outlived the poll or
    /// scope in which it was made.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_here = |attached: &RefCell<Vec<Entry>>| {
            attached.borrow().iter().any(|entry| entry.id == self.id && !entry.span.has_ended())
        };
        !ATTACHED.try_with(is_here).unwrap_or(false)
    }
}

/// Detaches what was attached at greater depths than this one.
#[cold]
pub(super) fn detach_below(depth: u32) {
    // The depths ascend, because this is called whenever an activity is left.
    change(|attached| attached.split_off(attached.partition_point(|entry| entry.depth <= depth)));
}

/// Returns the span that was attached last at this depth and has not ended.
pub(super) fn innermost(depth: u32) -> Option<SharedSpan> {
    map_innermost(depth, SharedSpan::clone)
}

/// Looks at the span that was attached last at this depth and has not ended.
pub(super) fn map_innermost<R>(depth: u32, look: impl FnOnce(&SharedSpan) -> R) -> Option<R> {
    let last = |attached: &RefCell<Vec<Entry>>| {
        let attached = attached.borrow();
        let here = attached.iter().rev().take_while(|entry| entry.depth == depth);
        here.map(|entry| &entry.span).find(|span| !span.has_ended()).map(look)
    };
    ATTACHED.try_with(last).ok().flatten()
}

/// Changes the entries. The removed ones are dropped after the borrow, since the end of a context may run code of the
/// application.
fn change<R>(change: impl FnOnce(&mut Vec<Entry>) -> R) {
    let _ending = ATTACHED.try_with(|attached| {
        let removed = change(&mut attached.borrow_mut());
        current::set_has_attached(!attached.borrow().is_empty());
        removed
    });
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use crate::{Attached, TraceContext, TraceId, Tracer};

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
