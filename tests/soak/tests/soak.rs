//! The soak in small. Memory is not judged: so few requests do not fill what is kept for reuse.

use soak::Size;
use trace_core::TraceLifecycle;

#[test]
fn ten_thousand_requests_leave_nothing_behind() {
    // One after the other: there is one main hub.
    for lifecycle in [TraceLifecycle::Static, TraceLifecycle::Stream] {
        let size = Size { lifecycle, warm_up: 0, requests: 10_000, spans: 50_000, judges_memory: false };
        let report = soak::run(&size).unwrap();
        assert!(report.failures.is_empty(), "{lifecycle:?}: {report}");
    }
}
