//! The layer for `tracing` beside crates that need a newer Rust than the project, or are large. All of it is in `tests`.
