//! A client of reqwest-middleware: its calls stay as they are, and each attempt of reqwest-retry is a request of its own.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::{Router, routing::post};
use reqwest_middleware::ClientBuilder;
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use trace_client::{CallOptions, Target, TraceClientLayer, TraceMiddleware};
use trace_core::{InMemorySink, TraceExt, Tracer};

/// Is too busy for the first two requests.
async fn order() -> StatusCode {
    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    let is_busy = REQUESTS.fetch_add(1, Ordering::Relaxed) < 2;
    if is_busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::CREATED }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = small::serve(Router::new().route("/orders", post(order))).await?;
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*url)])?;

    let retries = ExponentialBackoff::builder()
        .retry_bounds(Duration::from_millis(1), Duration::from_millis(5))
        .build_with_max_retries(3);
    let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build()?)
        .with(RetryTransientMiddleware::new_with_policy(retries))
        .with(TraceMiddleware::new(layer))
        .build();

    let job = tracer.service_span("task", "checkout").start();
    let options = CallOptions::new().url_template("/orders");
    let call = client.post(format!("{url}/orders")).json(&["tea"]).with_extension(options).send();
    assert_eq!(call.in_trace(&job).await?.status(), StatusCode::CREATED);
    job.end();

    let transactions = sink.take();
    let spans: Vec<_> = transactions.iter().flat_map(|transaction| &transaction.spans).collect();
    for span in &spans {
        let resent = span.attribute("http.request.resend_count").map_or("0".to_owned(), ToString::to_string);
        println!("{}: {:?}, sent again {resent} times", span.description, span.status);
    }
    assert_eq!(spans.len(), 3);
    Ok(())
}
