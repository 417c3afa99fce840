//! Whether a context serves a request, so that the second of two layers knows the request that the first one serves.

/// A mark in the extensions of a request that a layer serves. It has no size: only the map of the extensions costs memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served;

/// What a context serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serving {
    /// No request: a job, or a call to somewhere else.
    Nothing,
    /// The request that carries [`Served`].
    Marked,
    /// A request without a mark, which would have cost an allocation. Only the very context that its exchange enters says
    /// so: a clone goes to tasks that may serve other requests, as [`carried`](Self::carried).
    Unmarked,
}

impl Serving {
    /// The value for a clone of the context or a span below it.
    #[inline]
    pub(crate) fn carried(self) -> Self {
        match self {
            Self::Unmarked => Self::Marked,
            other => other,
        }
    }

    /// Whether a request that is marked or not may be the one that the context serves.
    #[inline]
    pub(crate) fn is_of(self, is_marked: bool) -> bool {
        self == if is_marked { Self::Marked } else { Self::Unmarked }
    }
}

#[cfg(test)]
mod tests {
    use super::Serving::{Marked, Nothing, Unmarked};

    #[test]
    fn only_a_request_with_the_same_mark_is_the_same() {
        let table = [
            ("a job", Nothing, [false, false]),
            ("a marked request", Marked, [false, true]),
            ("an unmarked request", Unmarked, [true, false]),
            ("a clone of a marked context", Marked.carried(), [false, true]),
            ("a clone of an unmarked context", Unmarked.carried(), [false, true]),
            ("a clone of a job's context", Nothing.carried(), [false, false]),
        ];
        for (name, serving, expected) in table {
            assert_eq!([false, true].map(|is_marked| serving.is_of(is_marked)), expected, "{name}");
        }
    }
}
