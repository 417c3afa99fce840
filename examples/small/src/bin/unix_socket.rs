//! hyper on a Unix socket: its requests have no host, so the layer is told which service answers.

use std::error::Error;

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{UnixListener, UnixStream};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClientLayer};
use trace_core::{InMemorySink, TraceExt, Tracer};

async fn stock(headers: HeaderMap) -> String {
    format!("3 left, asked with sentry-trace: {:?}", headers.get("sentry-trace"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("stock-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path)?;
    tokio::spawn(async { axum::serve(listener, Router::new().route("/stock", get(stock))).await });

    let (mut sender, connection) = http1::handshake(TokioIo::new(UnixStream::connect(&path).await?)).await?;
    tokio::spawn(connection);
    sender.ready().await?;

    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let layer = TraceClientLayer::new(tracer.clone())
        .origin("http://inventory.internal")?
        .targets([Target::host("inventory.internal")])?;
    let client = ServiceBuilder::new().layer(layer).service_fn(move |request| sender.send_request(request));

    let job = tracer.service_span("task", "restock").start();
    let request = Request::get("/stock").header("host", "inventory.internal").body(String::new())?;
    let response = client.oneshot(request).in_trace(&job).await?;
    let body = response.into_body().collect().await?.to_bytes();
    job.end();
    std::fs::remove_file(&path)?;

    println!("{}", String::from_utf8_lossy(&body));
    let transactions = sink.take();
    let span = transactions.first().and_then(|it| it.spans.first()).ok_or("there is no span")?;
    println!("We recorded: {}", span.description);
    assert_eq!(span.description, "GET http://inventory.internal/stock");
    Ok(())
}
