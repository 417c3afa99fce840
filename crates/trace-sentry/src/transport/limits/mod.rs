//! The rate limits of Sentry: read from its answers, and kept until they expire.

mod category;
mod header;

use std::collections::BTreeMap;
use std::time::Instant;

pub(crate) use category::{Category, Priority};
pub(crate) use header::{Limit, of_response};

/// The times at which the limits of a DSN expire, by category. `None` is the limit for all categories.
#[derive(Default)]
pub(crate) struct RateLimits(BTreeMap<Option<Category>, Instant>);

impl RateLimits {
    /// Adds limits. Of two limits for a category, the one that expires later is kept.
    pub(crate) fn add(&mut self, limits: &[Limit], now: Instant) {
        for limit in limits {
            let expiry = now + limit.duration;
            let kept = self.0.entry(limit.category).or_insert(expiry);
            *kept = expiry.max(*kept);
        }
    }

    /// Returns whether nothing of this category may be sent.
    pub(crate) fn stop(&self, category: Category, now: Instant) -> bool {
        [None, Some(category)].iter().any(|key| self.0.get(key).is_some_and(|expiry| now < *expiry))
    }

    /// Returns whether anything is limited.
    pub(crate) fn are_active(&self, now: Instant) -> bool {
        self.0.values().any(|expiry| now < *expiry)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Category::{Error, Transaction};
    use super::{Category, Limit, RateLimits};

    #[test]
    fn the_later_expiry_counts_until_it_is_reached() {
        let limit = |category, seconds| Limit { category, duration: Duration::from_secs(seconds) };
        let (all, of) = (None::<Category>, Some);
        // The limits in the order of their arrival, and the seconds during which an error and a transaction are stopped.
        let table = [
            ("none", vec![], [0, 0]),
            ("one category", vec![limit(of(Error), 10)], [10, 0]),
            ("all", vec![limit(all, 10)], [10, 10]),
            ("a shorter one later", vec![limit(of(Error), 10), limit(of(Error), 5)], [10, 0]),
            ("a longer one later", vec![limit(of(Error), 5), limit(of(Error), 10)], [10, 0]),
            ("all, and one longer", vec![limit(all, 5), limit(of(Transaction), 10)], [5, 10]),
            ("all, and one shorter", vec![limit(all, 10), limit(of(Transaction), 5)], [10, 10]),
        ];
        for (name, arrived, expected) in table {
            let (mut limits, now) = (RateLimits::default(), Instant::now());
            for limit in arrived {
                limits.add(&[limit], now);
            }
            for (category, seconds) in [Error, Transaction].into_iter().zip(expected) {
                let end = now + Duration::from_secs(seconds);
                assert!(seconds == 0 || limits.stop(category, end - Duration::from_millis(1)), "{name}");
                assert!(!limits.stop(category, end), "{name}: {category:?}");
            }
            let last = expected.into_iter().max().map_or(now, |seconds| now + Duration::from_secs(seconds));
            assert!(!limits.are_active(last), "{name}");
            assert_eq!(limits.are_active(now), expected != [0, 0], "{name}");
        }
    }
}
