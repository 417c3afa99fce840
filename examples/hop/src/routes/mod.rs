//! The routes, one file each, and the service they make.

mod health;
mod hop;
mod leaf;
mod proxy;
mod stream;
mod w3c;

use axum::Router;
use axum::routing::{get, post};
use trace_core::Tracer;
use trace_server::TraceServerLayer;

use crate::client::Clients;

/// Everything that hop answers, with the trace of each request current in its handler.
pub(crate) fn router(tracer: Tracer, clients: Clients) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/leaf", get(leaf::leaf))
        .route("/hop", get(hop::hop))
        .route("/proxy", get(proxy::proxy))
        .route("/stream", get(stream::stream))
        .route("/w3c", post(w3c::w3c))
        .layer(TraceServerLayer::new(tracer))
        .with_state(clients)
}
