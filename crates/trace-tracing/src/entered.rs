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
    stack: Vec<Entry>,
    /// The span that was entered last. A future enters the same span at each poll, and the extensions need not be asked.
    last: Option<(Key, SharedSpan)>,
}

struct Entry {
    key: Key,
    span: SharedSpan,
    _attached: Attached,
}

/// The identity of a span: the layer that enters it, as its address, and its id. Two dispatchers have equal ids.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    layer: usize,
    id: u64,
}

impl Key {
    pub(crate) fn new<T>(layer: *const T, id: &Id) -> Self {
        Self { layer: layer.addr(), id: id.into_u64() }
    }
}

/// Enters a span, which `look_up` finds if it is not the one that was entered last.
pub(crate) fn enter(key: Key, look_up: impl FnOnce() -> Option<SharedSpan>) {
    let remembered = with(|entered| match &entered.last {
        // Once the span has ended, its id may be that of another one.
        Some((last, span)) if *last == key && !span.has_ended() => Some(span.clone()),
        _ => None,
    });
    let is_remembered = remembered.is_some();
    let Some(span) = remembered.or_else(look_up) else { return };
    let entry = Entry { key, _attached: span.attach(), span };
    let _old = with(|entered| {
        let last = (!is_remembered).then(|| entered.last.replace((key, entry.span.clone())));
        let ended = if entered.stack.len() < MANY { Vec::new() } else { entered.remove_ended() };
        entered.stack.push(entry);
        DEPTH.set(entered.stack.len());
        (last, ended)
    });
}

/// Leaves a span. One that was not entered on this thread is ignored.
#[inline]
pub(crate) fn leave(key: Key) {
    if DEPTH.get() != 0 {
        leave_entered(key);
    }
}

fn leave_entered(key: Key) {
    let _left = with(|entered| {
        let place = entered.stack.iter().rposition(|entry| entry.key == key)?;
        let left = entered.stack.remove(place);
        DEPTH.set(entered.stack.len());
        Some(left)
    });
}

/// Forgets a span that is closed.
pub(crate) fn forget(key: Key) {
    let _last = with(|entered| entered.last.take_if(|(last, _)| *last == key));
}

impl Entered {
    fn remove_ended(&mut self) -> Vec<Entry> {
        self.stack.extract_if(.., |entry| entry.span.has_ended()).collect()
    }
}

/// Changes the entries. What the change returns is dropped after the borrow, since the end of a span may run code of the
/// application. A thread that is ending enters nothing.
fn with<R>(change: impl FnOnce(&mut Entered) -> R) -> R
where
    R: Default,
{
    ENTERED
        .try_with(|entered| entered.try_borrow_mut().map(|mut entered| change(&mut entered)).ok())
        .ok()
        .flatten()
        .unwrap_or_default()
}
