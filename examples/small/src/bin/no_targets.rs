//! An empty list of targets: nothing leaves the service, and what it does is recorded all the same.

use std::error::Error;

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use reqwest::{Client, Method, Request};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::TraceClientLayer;
use trace_core::{InMemorySink, TraceExt, Tracer, TransactionName};

async fn names(headers: HeaderMap) -> String {
    headers.keys().map(|name| format!("{name} ")).collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = small::serve(Router::new().route("/", get(names))).await?;

    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let client = ServiceBuilder::new()
        .layer(TraceClientLayer::new(tracer.clone()).targets([])?)
        .service(Client::builder().no_proxy().build()?);

    let job = tracer.service_span("task", TransactionName::task("nightly")).start();
    let call = client.oneshot(Request::new(Method::GET, url.parse()?));
    let received = call.in_trace(&job).await?.text().await?;
    job.end();

    println!("The service got: {received}");
    assert!(!received.contains("sentry-trace") && !received.contains("baggage"));
    let transactions = sink.take();
    let spans = transactions.iter().flat_map(|transaction| &transaction.spans);
    let descriptions: Vec<_> = spans.map(|span| &*span.description).collect();
    println!("We recorded: {}", descriptions.join(", "));
    assert_eq!(descriptions, [format!("GET {url}/")]);
    Ok(())
}
