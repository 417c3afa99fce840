//! Any bytes as `sentry-trace`: what is accepted is printed in the form that is written, and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_core::wire::SentryTrace;

fuzz_target!(|value: &[u8]| {
    let Ok(header) = SentryTrace::parse(value) else {
        return;
    };
    let printed = header.to_string();
    assert_eq!(printed.parse(), Ok(header));
    let came = String::from_utf8_lossy(value).trim().trim_end_matches('-').to_ascii_lowercase();
    assert_eq!(printed, came, "nothing is accepted that is not written so, but for case and white space");
});
