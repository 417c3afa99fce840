//! The errors that were captured lately, so that a layer does not capture them again.
//!
//! The errors of Rust have no identity. The same error is one with the same text, on the same trace.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sentry_core::protocol::Exception;
use trace_core::TraceId;

/// The most errors that are remembered. Each is asked for soon after it was captured: when its request ends.
const MOST: usize = 256;

/// The errors of this process.
pub(crate) static CAPTURED: Captured = Captured(Mutex::new(VecDeque::new()));

/// The errors that were captured lately.
pub(crate) struct Captured(Mutex<VecDeque<Key>>);

/// The trace of an error, and a hash of its text.
type Key = (TraceId, u64);

impl Captured {
    /// Remembers the errors of an event, the outermost one and its sources.
    pub(crate) fn remember(&self, trace_id: TraceId, exceptions: &[Exception]) {
        if exceptions.is_empty() {
            return;
        }
        let mut captured = self.lock();
        for exception in exceptions {
            let key = key(trace_id, exception);
            // Two hooks may see the same event.
            if captured.contains(&key) {
                continue;
            }
            if captured.len() == MOST {
                captured.pop_front();
            }
            captured.push_back(key);
        }
    }

    /// Returns whether one of these errors, of one chain of sources, was captured. It is then forgotten, so that the same
    /// error of the next attempt counts as another one.
    pub(crate) fn forget(&self, trace_id: TraceId, exceptions: &[Exception]) -> bool {
        let keys: Vec<Key> = exceptions.iter().map(|exception| key(trace_id, exception)).collect();
        let mut captured = self.lock();
        let before = captured.len();
        captured.retain(|key| !keys.contains(key));
        captured.len() < before
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(trace_id: TraceId, exception: &Exception) -> Key {
    let mut hasher = DefaultHasher::new();
    exception.value.hash(&mut hasher);
    (trace_id, hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(texts: &[&str]) -> Vec<Exception> {
        texts
            .iter()
            .map(|text| Exception { value: Some((*text).to_owned()), ..Exception::default() })
            .collect()
    }

    #[test]
    fn an_error_is_known_by_its_text_and_that_of_its_sources_once() {
        let table = [
            ("the same error", vec!["inner", "outer"], vec!["inner", "outer"], true),
            ("its source was captured", vec!["inner"], vec!["inner", "outer"], true),
            ("it is the source of what was captured", vec!["inner", "outer"], vec!["inner"], true),
            ("another error", vec!["inner", "outer"], vec!["other"], false),
            ("a message without an error", vec![], vec!["inner"], false),
            ("no text", vec!["inner"], vec![], false),
        ];
        for (name, captured, asked, expected) in table {
            let (known, trace_id) = (Captured(Mutex::default()), TraceId::random());
            known.remember(trace_id, &chain(&captured));
            assert!(!known.forget(TraceId::random(), &chain(&asked)), "{name}: another trace");
            assert_eq!(known.forget(trace_id, &chain(&asked)), expected, "{name}");
            assert!(!known.forget(trace_id, &chain(&asked)), "{name}: again");
        }
    }

    #[test]
    fn only_the_last_ones_are_remembered() {
        let (known, trace_id) = (Captured(Mutex::default()), TraceId::random());
        for number in 0..=MOST {
            known.remember(trace_id, &chain(&[&number.to_string()]));
        }
        assert_eq!(known.lock().len(), MOST);
        assert!(!known.forget(trace_id, &chain(&["0"])));
    }
}
