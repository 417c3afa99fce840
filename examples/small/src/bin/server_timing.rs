//! A page that tells Sentry's browser SDK of its trace without a change to its HTML: the layer adds `Server-Timing`, but
//! not to what a cache may give to others.

use std::error::Error;

use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::Html;
use axum::{Router, routing::get};
use trace_core::Tracer;
use trace_server::TraceServerLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("shop@1.4.0").build()?;
    let page = Html("<!doctype html><script src=/app.js></script>");
    let app = Router::new()
        .route("/basket", get(async move || ([(CACHE_CONTROL, "no-store")], page)))
        .route("/imprint", get(async move || ([(CACHE_CONTROL, "public, max-age=3600")], page)))
        .layer(TraceServerLayer::new(tracer).server_timing(true));
    let url = small::serve(app).await?;

    let client = reqwest::Client::builder().no_proxy().build()?;
    let timing = async |path: &str| -> reqwest::Result<Option<String>> {
        let response = client.get(format!("{url}{path}")).send().await?;
        let line = |headers: &HeaderMap| Some(headers.get("server-timing")?.to_str().ok()?.to_owned());
        Ok(line(response.headers()))
    };
    let basket = timing("/basket").await?.ok_or("a page for one visitor names its trace")?;
    println!("server-timing: {basket}");
    assert!(basket.starts_with("sentry-trace;desc=\"") && basket.contains("baggage;desc=\""));
    assert_eq!(timing("/imprint").await?, None, "everybody may get this page from a cache");
    Ok(())
}
