//! The thread-local that holds the current context, and the slots that it is swapped with: one pointer each.
//!
//! Safe code can only swap what is owned, so the contexts are boxed. The boxes are used again and again, for which an
//! allocator is never asked.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use super::context::Context;

/// A box, and the next one of those that are free.
struct Node {
    context: Context,
    next: Option<Box<Node>>,
}

thread_local! {
    // Not dropped with the thread, so that nobody has to ask whether they still are there.
    static CURRENT: ManuallyDrop<Cell<Option<Box<Node>>>> = const { ManuallyDrop::new(Cell::new(None)) };
    static FREE: ManuallyDrop<Cell<Option<Box<Node>>>> = const { ManuallyDrop::new(Cell::new(None)) };
}

/// Holds a context; while it is current, the one before it.
#[derive(Default)]
pub(super) struct Slot(Cell<Option<Box<Node>>>);

impl Slot {
    pub(super) fn new(context: Context) -> Self {
        let node = match FREE.with(|free| free.take()) {
            None => Box::new(Node { context, next: None }),
            Some(mut node) => {
                FREE.with(|free| free.set(node.next.take()));
                node.context = context;
                node
            }
        };
        Self(Cell::new(Some(node)))
    }

    /// Does work with the context as the current one, which it stays no longer if the work panics.
    #[inline]
    pub(super) fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self);
        work()
    }
}

struct Entered<'a>(&'a Slot);

impl<'a> Entered<'a> {
    #[inline]
    fn new(slot: &'a Slot) -> Self {
        CURRENT.with(|current| current.swap(&slot.0));
        Self(slot)
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        CURRENT.with(|current| current.swap(&self.0.0));
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(mut node) = self.0.take() {
            node.context.baggage = None;
            FREE.with(|free| {
                node.next = free.take();
                free.set(Some(node));
            });
        }
    }
}

/// Looks at the current context, which is not current meanwhile.
#[inline]
pub(super) fn with_current<R>(look: impl FnOnce(Option<&Context>) -> R) -> R {
    let node = CURRENT.with(|current| current.take());
    let result = look(node.as_ref().map(|node| &node.context));
    CURRENT.with(|current| current.set(node));
    result
}
