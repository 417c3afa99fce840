//! The API that the pages call from another origin.

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use serde_json::json;
use tower_http::cors::CorsLayer;
use trace_core::Tracer;
use trace_server::TraceServerLayer;

use crate::report;

/// Answers with the trace headers that came in.
async fn order(headers: HeaderMap) -> String {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    json!({ "sentry-trace": value("sentry-trace"), "baggage": value("baggage") }).to_string()
}

async fn print_preflight(request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        let asked = request.headers().get("access-control-request-headers");
        report::print(&json!({ "preflight": asked.and_then(|asked| asked.to_str().ok()) }));
    }
    next.run(request).await
}

pub(crate) fn app(tracer: &Tracer, pages: &str) -> Router {
    let trace = TraceServerLayer::new(tracer.clone());
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_str(pages).expect("an origin"))
        .allow_methods([Method::POST]);
    let good = cors.clone().allow_headers(trace.cors_allow_headers([CONTENT_TYPE]));
    // As it is before somebody thinks of traces.
    let narrow = cors.allow_headers([CONTENT_TYPE]);
    let orders = |path| Router::new().route(path, post(order)).layer(trace.clone());
    orders("/orders/{id}")
        .layer(good)
        .merge(orders("/narrow/{id}").layer(narrow))
        .layer(from_fn(print_preflight))
}
