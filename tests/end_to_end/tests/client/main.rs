//! The client layer round hyper's client, axum's router, a service of one's own and reqwest.

mod bodies;
mod both;
mod by_reqwest;
mod destination;
mod endings;
mod endpoint;
mod grpc;
mod handler;
mod headers;
mod hops;
mod lifetimes;
mod merging;
mod options;
mod origin;
mod outer;
mod parents;
mod proxy;
mod spans;
mod targets;
