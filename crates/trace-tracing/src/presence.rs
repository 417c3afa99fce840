//! A table that tells quickly that a span has no data of ours.
//!
//! A look into the extensions of a span costs more than everything else that is done for a span of a trace that is not
//! sampled. So each span with data counts itself in at the hash of its id. The table is read by every span and written
//! by recorded ones only; two requests write to the same number only if the ids of their spans have the same hash.

use std::sync::atomic::{AtomicU32, Ordering};

use tracing_core::span::Id;

const BITS: u32 = 12;

static COUNTS: [AtomicU32; 1 << BITS] = [const { AtomicU32::new(0) }; 1 << BITS];

/// Returns the number at the hash of an id. The ids of a thread are multiples and sums of few bits, which the product
/// spreads (Knuth, volume 3, section 6.4).
#[inline]
fn count(id: &Id) -> Option<&'static AtomicU32> {
    let hash = id.into_u64().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS);
    COUNTS.get(usize::try_from(hash).ok()?)
}

/// Returns `false` if no span of this id has data, and `true` if one may have.
///
/// The order is relaxed, since whoever uses a span was handed it by the thread that made it.
#[inline]
pub(crate) fn may_have_data(id: &Id) -> bool {
    count(id).is_some_and(|count| count.load(Ordering::Relaxed) != 0)
}

/// Counts a span in that has data.
pub(crate) fn add(id: &Id) {
    if let Some(count) = count(id) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts a span out that had data.
pub(crate) fn remove(id: &Id) {
    if let Some(count) = count(id) {
        count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tracing_core::span::Id;

    use super::{add, may_have_data, remove};

    #[test]
    fn a_span_is_present_as_often_as_it_was_counted_in() {
        let id = Id::from_u64(0x8003_0000_0000_0007);
        assert!(!may_have_data(&id));
        add(&id);
        add(&id);
        remove(&id);
        assert!(may_have_data(&id));
        remove(&id);
        assert!(!may_have_data(&id));
    }
}
