//! A place for a context that is made current by exchanging two pointers.
//!
//! A context has some two hundred bytes, and it is entered and left with every poll and every frame. It is kept in a
//! box, so that only a pointer moves, also when the future or body that owns it moves. Boxes are reused for the next
//! request on the thread, so that none is allocated for it.

use std::cell::RefCell;

use crate::context::TraceContext;

/// The maximum number of spare boxes of a thread.
const MAX_SPARE: usize = 256;

pub(crate) type BoxedContext = Box<Option<TraceContext>>;

thread_local! {
    static POOL: RefCell<Vec<BoxedContext>> = const { RefCell::new(Vec::new()) };
}

/// A place that holds a context or none.
#[derive(Debug, Default)]
pub(crate) struct ContextSlot(pub(crate) Option<BoxedContext>);

impl ContextSlot {
    pub(crate) const EMPTY: Self = Self(None);

    #[inline]
    pub(crate) fn new(context: TraceContext) -> Self {
        let spare = POOL.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
        let mut place = spare.unwrap_or_default();
        // Spare boxes are empty. The check lets the compiler omit the drop of an old value, for which the context
        // would be copied once more.
        if place.is_none() {
            *place = Some(context);
        }
        Self(Some(place))
    }

    #[inline]
    pub(crate) fn context(&self) -> Option<&TraceContext> {
        self.0.as_deref()?.as_ref()
    }

    #[inline]
    pub(crate) fn context_mut(&mut self) -> Option<&mut TraceContext> {
        self.0.as_deref_mut()?.as_mut()
    }
}

/// The box goes back to the spare boxes of the thread.
impl Drop for ContextSlot {
    #[inline]
    fn drop(&mut self) {
        let Some(mut place) = self.0.take() else { return };
        *place = None;
        // A thread that is ending keeps no boxes.
        let _ending = POOL.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MAX_SPARE {
                spare.push(place);
            }
        });
    }
}
