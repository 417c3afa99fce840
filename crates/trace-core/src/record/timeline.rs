//! The times of one service span and the spans below it.

use std::time::{Duration, Instant, SystemTime};

use crate::clock;

/// A clock that reads the time of day once and then follows the monotonic clock, so that the times of all spans of a
/// service span are consistent, also if the time of day is adjusted meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline {
    time_of_day: SystemTime,
    monotonic: Instant,
}

/// A time on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) time_of_day: SystemTime,
    pub(crate) monotonic: Instant,
}

impl Timeline {
    /// Returns a timeline that begins now.
    pub(crate) fn begin() -> Self {
        Self { time_of_day: clock::time_of_day(), monotonic: clock::now() }
    }

    #[inline]
    pub(crate) fn now(&self) -> Moment {
        let monotonic = clock::now();
        let elapsed = monotonic.saturating_duration_since(self.monotonic);
        Moment { time_of_day: self.time_of_day + elapsed, monotonic }
    }

    /// Returns the time that the application gave, or now. A time in the future becomes now, since clocks of other
    /// machines and drivers need not agree with this one.
    #[inline]
    pub(crate) fn given_or_now(&self, given: Option<SystemTime>) -> Moment {
        let now = self.now();
        match given.map(|given| now.time_of_day.duration_since(given)) {
            Some(Ok(ago)) => Moment {
                time_of_day: now.time_of_day - ago,
                monotonic: now.monotonic.checked_sub(ago).unwrap_or(now.monotonic),
            },
            Some(Err(_)) | None => now,
        }
    }

    /// Returns the time from a start to the end that the application gave, or to now; zero if they are not in order.
    #[inline]
    pub(crate) fn duration(
        &self,
        start: SystemTime,
        began: Instant,
        given_end: Option<SystemTime>,
    ) -> Duration {
        match given_end {
            None => elapsed_since(began),
            Some(_) => self.given_or_now(given_end).time_of_day.duration_since(start).unwrap_or_default(),
        }
    }
}

#[inline]
pub(crate) fn elapsed_since(began: Instant) -> Duration {
    clock::now().saturating_duration_since(began)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Timeline, elapsed_since};

    #[test]
    fn a_given_time_is_never_in_the_future() {
        let timeline = Timeline::begin();
        let (before, hour) = (timeline.now().time_of_day, Duration::from_secs(3600));
        for given in [before, before - hour, SystemTime::UNIX_EPOCH] {
            assert_eq!(timeline.given_or_now(Some(given)).time_of_day, given);
        }
        for given in [None, Some(before + hour)] {
            let found = timeline.given_or_now(given);
            assert!(before <= found.time_of_day && elapsed_since(found.monotonic) < hour, "{given:?}");
        }
    }

    #[test]
    fn a_duration_is_never_negative() {
        let timeline = Timeline::begin();
        let (now, second) = (timeline.now().time_of_day, Duration::from_secs(1));
        let table = [
            ("in order", now - 3 * second, now - second, 2 * second),
            ("reversed", now - second, now - 3 * second, Duration::ZERO),
            ("both long ago", SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + second, second),
        ];
        for (name, start, end, expected) in table {
            let start = timeline.given_or_now(Some(start));
            assert_eq!(timeline.duration(start.time_of_day, start.monotonic, Some(end)), expected, "{name}");
        }
        let start = timeline.given_or_now(Some(now - second));
        let open = timeline.duration(start.time_of_day, start.monotonic, None);
        assert!(open >= second && open < 60 * second);
    }
}
