//! The soak in small. Memory is not judged: so few requests do not fill what is kept for reuse.

use soak::Size;

#[test]
fn ten_thousand_requests_leave_nothing_behind() {
    let report = soak::run(&Size { warm_up: 0, requests: 10_000, judges_memory: false }).unwrap();
    assert!(report.failures.is_empty(), "{report}");
}
