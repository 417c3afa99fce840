//! The spans that are entered on a thread.

use std::cell::{Cell, RefCell};

use trace_core::{Attached, SharedSpan};
use tracing_core::span::Id;

/// The number of entries from which on those are looked for whose span has ended. A guard that was moved to another thread
/// leaves one.
const MANY: usize = 64;

thread_local! {
    static ENTERED: RefCell<Entered> = const { RefCell::new(Entered { stack: Vec::new(), last: None }) };
    /// The number of entries. Unlike the entries it has no destructor, so that reading it costs next to nothing.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

struct Entered {
    stack: Vec<(Key, Attached)>,
    /// The span that was made or entered last. A future enters the same span at each poll, and the extensions need not be
    /// asked.
    last: Option<(Key, SharedSpan)>,
}

/// The identity of a span: the layer that enters it, as its address, and its id. Two dispatchers have equal ids.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    layer: usize,
    id: u64,
}

impl Key {
    #[inline]
    pub(crate) fn new<T>(layer: *const T, id: &Id) -> Self {
        Self { layer: layer.addr(), id: id.into_u64() }
    }
}

/// Enters a span, which `look_up` finds if it is not the one that was made or entered last.
pub(crate) fn enter(key: Key, look_up: impl FnOnce() -> Option<SharedSpan>) {
    if !enter_last(key)
        && let Some(span) = look_up()
    {
        remember(key, span);
        let _is_entered = enter_last(key);
    }
}

/// Enters the span that was made or entered last, if it is this one.
fn enter_last(key: Key) -> bool {
    let enter = |entered: &mut Entered| match &entered.last {
        // Once the span has ended, its id may be that of another one.
        Some((last, span)) if *last == key && !span.has_ended() => {
            let attached = span.attach();
            if entered.stack.len() >= MANY {
                entered.stack.retain(|(_, attached)| !attached.is_over());
            }
            entered.stack.push((key, attached));
            DEPTH.set(entered.stack.len());
            true
        }
        _ => false,
    };
    with(enter).unwrap_or(false)
}

/// Leaves a span. One that was not entered on this thread is ignored.
pub(crate) fn leave(key: Key) {
    let _left = with(|entered| {
        let left = match entered.stack.pop_if(|(last, _)| *last == key) {
            None => {
                let place = entered.stack.iter().rposition(|(found, _)| *found == key);
                place.map(|place| entered.stack.remove(place))
            }
            last => last,
        };
        DEPTH.set(entered.stack.len());
        left
    });
}

/// Returns whether any span is entered on this thread.
#[inline]
pub(crate) fn is_any() -> bool {
    DEPTH.get() != 0
}

/// Remembers a span as the one that was made or entered last.
pub(crate) fn remember(key: Key, span: SharedSpan) {
    let _old = with(|entered| entered.last.replace((key, span)));
}

/// Forgets a span that is closed. Returns it if it was remembered.
pub(crate) fn forget(key: Key) -> Option<SharedSpan> {
    let last = with(|entered| entered.last.take_if(|(last, _)| *last == key));
    last.flatten().map(|(_, span)| span)
}

/// Changes the entries. What the change returns is dropped after the borrow, since the end of a span may run code of the
/// application. A thread that is ending enters nothing.
#[inline]
fn with<R>(change: impl FnOnce(&mut Entered) -> R) -> Option<R> {
    ENTERED.try_with(|entered| Some(change(&mut *entered.try_borrow_mut().ok()?))).ok().flatten()
}
