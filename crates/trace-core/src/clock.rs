//! The clock: the only place that asks what time it is.

use std::time::{Instant, SystemTime};

/// Returns the time of the monotonic clock, with which durations are measured.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the time of day, which is sent.
pub(crate) fn time_of_day() -> SystemTime {
    SystemTime::now()
}
