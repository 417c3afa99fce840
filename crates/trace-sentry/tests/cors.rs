//! An outer layer that answers a request itself, with a body that it creates.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use http_body_util::BodyExt;
use sentry::{Client, ClientOptions};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::cors::CorsLayer;
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

#[tokio::test]
async fn an_axum_router_takes_cors_outside_of_the_hub() {
    let client = Arc::new(Client::from(ClientOptions::new()));
    let tracer = SentrySink::new(client).unwrap().tracer().build().unwrap();
    let layers = || (CorsLayer::permissive(), HubLayer::new(), TraceServerLayer::new(tracer.clone()));
    let routes = || Router::new().route("/{number}", get(|| async { "served" }));
    let (cors, hub, trace) = layers();
    // In one stack, the outer layer answers with the body types of the inner layers.
    let stacked = routes().layer(ServiceBuilder::new().layer(cors).layer(hub).layer(trace));
    let (cors, hub, trace) = layers();
    let apart = routes().layer(trace).layer(hub).layer(cors);
    for app in [stacked, apart] {
        let preflight = Request::options("/0")
            .header("origin", "https://shop.test")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .unwrap();
        let response = app.clone().oneshot(preflight).await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
        let response = app.oneshot(Request::get("/0").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "served");
    }
}
