//! What requests are called, and what is recorded of them.

mod extractor;
mod grpc;
mod inner;
mod plain;
mod recorded;
mod routes;
mod secrets;
