//! The request that a context serves, so that the second of two layers knows the request that the first one serves.

/// The request that a context serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serving {
    /// No request: the context is of a job, or of a call to another service.
    Nothing,
    /// The request that carries the [mark](crate::Activity::mark_served).
    Marked,
    /// A request without a mark, since a mark would have cost an allocation. Only the context that the activity itself
    /// enters has this value. A clone may go to tasks that serve other requests, and is [`carried`](Self::carried).
    Unmarked,
}

impl Serving {
    /// Returns the value for a clone of the context or for a span below it.
    #[inline]
    pub(crate) fn carried(self) -> Self {
        match self {
            Self::Unmarked => Self::Marked,
            other => other,
        }
    }

    /// Returns whether a request is the one that the context serves. For a marked request the mark suffices, since
    /// code between two layers may change the headers.
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
