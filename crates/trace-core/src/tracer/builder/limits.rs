//! The options that limit how long a transaction may take.

use std::time::Duration;

use super::TracerBuilder;

/// Limits on the time that a transaction may take.
///
/// They hold in the [static](crate::TraceLifecycle::Static) lifecycle; streamed spans leave when they end, also those of
/// a request that hangs. A limit takes effect when it passes if the sink watches [deadlines](crate::Deadlines), as
/// `trace_sentry::SentrySink` does on its delivery thread. With another sink, it is checked when something happens.
impl TracerBuilder {
    /// Sets the time for which a transaction waits, after its own end, for the guards of
    /// [`keep_open`](crate::TraceContext::keep_open). The default is 30 seconds. A sink without
    /// [deadlines](crate::Deadlines) receives a transaction whose guard is leaked only when another of its spans or
    /// guards ends.
    pub fn keep_open_limit(mut self, limit: Duration) -> Self {
        self.limits.keep_open = limit;
        self
    }

    /// Sets the maximum duration of a transaction, such as that of a request that hangs or of an endless stream of
    /// events. The transaction then ends as [timed out](crate::Outcome::TimedOut), while the response and the propagation
    /// of its trace continue. The default is unlimited. The recorded duration never exceeds the limit, however late it is
    /// checked. For a sink without [deadlines](crate::Deadlines) it is checked whenever the future or stream of the work
    /// or the body of the response is polled and whenever a span of the transaction ends.
    pub fn max_duration(mut self, longest: Duration) -> Self {
        self.limits.max_duration = Some(longest);
        self
    }

    /// Sets the time without the start or end of a span after which a transaction ends, as [timed
    /// out](crate::Outcome::TimedOut), or waits no longer for its guards. A span that takes longer than this does not
    /// prevent it. The recorded duration includes the time of waiting. The default is unlimited.
    ///
    /// This limit needs a sink that watches [deadlines](crate::Deadlines).
    pub fn idle_timeout(mut self, longest: Duration) -> Self {
        self.limits.idle_timeout = Some(longest);
        self
    }
}
