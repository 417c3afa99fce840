//! The spans of `tracing` that are already there: they are in the trace of the request, and requests sent within them name
//! them as their parent.

use std::error::Error;

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use reqwest::{Client, Method, Request};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::TraceClientLayer;
use trace_core::{InMemorySink, TraceExt, Tracer};
use tracing_subscriber::prelude::*;

async fn parent(headers: HeaderMap) -> String {
    let header = headers.get("sentry-trace").and_then(|header| header.to_str().ok());
    header.and_then(|header| header.split('-').nth(1)).unwrap_or_default().to_owned()
}

#[tracing::instrument(skip(tracer), fields(http.response.status_code))]
async fn load(tracer: &Tracer, url: &str) -> Result<String, Box<dyn Error>> {
    let client = ServiceBuilder::new().layer(TraceClientLayer::new(tracer.clone())).service(Client::new());
    let response = client.oneshot(Request::new(Method::GET, url.parse()?)).await?;
    tracing::Span::current().record("http.response.status_code", response.status().as_u16());
    Ok(response.text().await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::registry().with(trace_tracing::layer()).init();
    let url = small::serve(Router::new().route("/", get(parent))).await?;

    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let job = tracer.service_span("task", "nightly").start();
    let received = load(&tracer, &url).in_trace(&job).await?;
    job.end();

    let sent = sink.take();
    let spans: Vec<_> = sent.iter().flat_map(|transaction| &transaction.spans).collect();
    for span in &spans {
        let parent = span.parent_span_id.map(|id| id.to_string()).unwrap_or_default();
        println!("{} ({}) below {parent}, status {:?}", span.description, span.operation, span.status);
    }
    let [client, load] = spans.as_slice() else { return Err("not two spans".into()) };
    assert_eq!(client.parent_span_id, Some(load.span_id), "the client span is below the function");
    assert_eq!(received, client.span_id.to_string(), "and the server below the client span");
    Ok(())
}
