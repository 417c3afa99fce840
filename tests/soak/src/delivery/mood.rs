//! The moods of the collector.

use std::time::Duration;

/// The behaviour of the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Quick,
    Slow(Duration),
    /// It reads, and hangs up when its mood changes.
    Silent,
    /// It answers with this status, and takes nothing.
    Rejects(u16),
    /// It refuses, and limits transactions for a second.
    RefusesWithLimit,
    /// It refuses without a limit, which means one for everything, for a minute.
    RefusesForAMinute,
    /// It hangs up when it has read the request.
    HangsUp,
    /// It takes the envelope, and hangs up in the middle of its answer.
    BreaksOff,
    /// Nobody listens.
    Away,
}

impl Mood {
    /// The moods of a round, in their order.
    pub(super) const EACH_ROUND: [Self; 13] = [
        Self::Quick,
        Self::Slow(Duration::from_millis(50)),
        Self::Quick,
        Self::Slow(Duration::from_millis(500)),
        Self::Silent,
        Self::Quick,
        Self::Rejects(413),
        Self::Rejects(503),
        Self::HangsUp,
        Self::BreaksOff,
        Self::Away,
        Self::Quick,
        Self::RefusesWithLimit,
    ];
}
