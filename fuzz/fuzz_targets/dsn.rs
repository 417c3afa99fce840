//! Any text as a DSN: what is accepted has a key, a host and a project, and reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_core::Dsn;

fuzz_target!(|text: &str| {
    let Ok(dsn) = text.parse::<Dsn>() else { return };
    assert!(!dsn.public_key().is_empty() && !dsn.host().is_empty() && !dsn.project_id().is_empty());
    assert!(dsn.organization_id().is_none_or(|id| id.to_string() != "0"));
    assert_eq!(dsn.to_string().parse(), Ok(dsn));
});
