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

    /// Whether a request is the one that the context serves. For one that is marked the mark suffices, since what stands
    /// between two layers may change its headers.
    #[inline]
    pub(crate) fn is_of(self, is_marked: bool, has_same_caller: impl FnOnce() -> bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::Marked => is_marked,
            Self::Unmarked => !is_marked && has_same_caller(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Serving::{Marked, Nothing, Unmarked};

    #[test]
    fn the_same_mark_suffices_and_without_one_the_caller_counts() {
        let none = [false; 4];
        let table = [
            ("a job", Nothing, none),
            ("a marked request", Marked, [false, false, true, true]),
            ("an unmarked request", Unmarked, [false, true, false, false]),
            ("a clone of a marked context", Marked.carried(), [false, false, true, true]),
            ("a clone of an unmarked context", Unmarked.carried(), [false, false, true, true]),
            ("a clone of a job's context", Nothing.carried(), none),
        ];
        let requests = [(false, false), (false, true), (true, false), (true, true)];
        for (name, serving, expected) in table {
            let is_of = requests.map(|(is_marked, same_caller)| serving.is_of(is_marked, || same_caller));
            assert_eq!(is_of, expected, "{name}");
        }
    }
}
