//! The layer for `tracing` beside the crates that a service has. They are dependencies of tests alone, so that the tests of
//! `trace-tracing` itself build quickly.
