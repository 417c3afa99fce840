//! Any bytes as `traceparent`: what is accepted is printed and read back the same, and is strict about its ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_core::wire::Traceparent;

fuzz_target!(|value: &[u8]| {
    let Ok(header) = Traceparent::parse(value) else {
        return;
    };
    let printed = header.to_string();
    assert_eq!(printed.parse(), Ok(header));
    // The ids are those that came, whatever the version.
    assert_eq!(printed.as_bytes().get(2..53), value.get(2..53));
});
