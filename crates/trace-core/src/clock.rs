//! The clock: the only place that asks what time it is.

use std::time::{Instant, SystemTime};

/// Returns the time of the monotonic clock, with which durations are measured.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the time of day, which is sent.
pub(crate) fn time_of_day() -> SystemTime {
    #[cfg(test)]
    return SystemTime::now() - tests::SET_BACK.get();
    #[cfg(not(test))]
    SystemTime::now()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    thread_local! {
        /// The time by which the time of day has been set back on this thread.
        pub(crate) static SET_BACK: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }
}
