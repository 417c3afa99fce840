//! An API that browsers call from another origin: its CORS layer allows the headers of a trace beside its own.

use std::error::Error;

use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::{Router, routing::post};
use tower_http::cors::CorsLayer;
use trace_core::Tracer;
use trace_server::{ResponseHeader, TraceServerLayer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("orders@2.0.0").build()?;
    let trace = TraceServerLayer::new(tracer)
        .response_header(HeaderName::from_static("x-trace-id"), ResponseHeader::TraceId);
    // A second `allow_headers` would replace the first, so one list names all.
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_static("https://shop.example.com"))
        .allow_methods([Method::POST])
        .allow_headers(trace.cors_allow_headers([CONTENT_TYPE]))
        .expose_headers(trace.cors_expose_headers([ETAG]));
    // Outermost: it answers preflight requests itself.
    let app = Router::new().route("/orders", post(async || "ordered")).layer(trace).layer(cors);
    let url = small::serve(app).await?;

    let client = reqwest::Client::builder().no_proxy().build()?;
    let preflight = client
        .request(Method::OPTIONS, format!("{url}/orders"))
        .header("origin", "https://shop.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "baggage,content-type,sentry-trace");
    let answer = preflight.send().await?;
    let value = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let allowed = value("access-control-allow-headers");
    println!("allowed: {allowed}");
    assert_eq!(allowed, "content-type,sentry-trace,baggage,traceparent,tracestate");
    Ok(())
}
