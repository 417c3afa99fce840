//! trace-client
