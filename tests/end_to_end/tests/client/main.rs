//! The client layer round hyper's client, axum's router, a service of one's own and reqwest.

mod both;
mod by_reqwest;
mod destination;
mod endpoint;
mod grpc;
mod handler;
mod headers;
mod hops;
mod lifetimes;
mod merging;
mod options;
mod outer;
mod parents;
mod spans;
mod targets;
