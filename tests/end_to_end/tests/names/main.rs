//! What requests are called, and what is recorded of them.

mod extractor;
mod plain;
mod recorded;
mod routes;
mod secrets;
