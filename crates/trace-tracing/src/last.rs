//! The span that a thread made or entered last. A future enters the same span at each poll, and need not look for it in the
//! extensions.

use std::cell::RefCell;

use trace_core::{AttachKey, SharedSpan};

type Last = Option<(AttachKey, SharedSpan)>;

thread_local! {
    static LAST: RefCell<Last> = const { RefCell::new(None) };
}

/// Attaches a span, which `look_up` finds if it is not the one that was made or entered last.
pub(crate) fn attach(key: AttachKey, look_up: impl FnOnce() -> Option<SharedSpan>) {
    let attach = |last: &mut Last| match last {
        // Once the span has ended, its id may be that of another one.
        Some((known, span)) if *known == key && !span.has_ended() => {
            span.attach_as(key);
            true
        }
        _ => false,
    };
    if !with(attach).unwrap_or(false)
        && let Some(span) = look_up()
    {
        span.attach_as(key);
        remember(key, span);
    }
}

/// Remembers a span as the one that was made or entered last.
#[inline]
pub(crate) fn remember(key: AttachKey, span: SharedSpan) {
    let _old = with(|last| last.replace((key, span)));
}

/// Forgets a span that is closed. Returns it if it was remembered.
#[inline]
pub(crate) fn forget(key: AttachKey) -> Option<SharedSpan> {
    let forgotten = with(|last| last.take_if(|(known, _)| *known == key));
    forgotten.flatten().map(|(_, span)| span)
}

/// Changes what is remembered. What the change returns is dropped after the borrow, since the end of a span may run code of
/// the application. A thread that is ending remembers nothing.
#[inline]
fn with<R>(change: impl FnOnce(&mut Last) -> R) -> Option<R> {
    LAST.try_with(|last| Some(change(&mut *last.try_borrow_mut().ok()?))).ok().flatten()
}
