//! A plain `reqwest::Client` stays as it is: only the word that sends a request changes.

use std::error::Error;

use axum::http::HeaderMap;
use axum::{Router, routing::post};
use trace_client::{CallOptions, SendTraced, Target, TraceClientLayer};
use trace_core::{InMemorySink, TraceExt, Tracer};

async fn order(headers: HeaderMap, body: String) -> String {
    format!("{body} with sentry-trace: {:?}", headers.get("sentry-trace"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = small::serve(Router::new().route("/orders/{id}", post(order))).await?;
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*url)])?;
    let client = reqwest::Client::builder().no_proxy().build()?;

    let job = tracer.service_span("task", "checkout").start();
    async {
        let answer = client.post(format!("{url}/orders/7")).json(&["tea"]).send_traced(&layer).await?;
        println!("{}", answer.text().await?);

        // What is known of a call beside its request names its span, or leaves it out.
        let options = CallOptions::new().url_template("/orders/{id}");
        let call = client.post(format!("{url}/orders/8")).json(&["cake"]);
        println!("{}", call.send_traced_with(&layer, options).await?.text().await?);

        let options = CallOptions::new().without_tracing();
        let call = client.post(format!("{url}/orders/9")).json(&["sugar"]);
        println!("{}", call.send_traced_with(&layer, options).await?.text().await?);
        Ok::<_, reqwest::Error>(())
    }
    .in_trace(&job)
    .await?;
    job.end();

    let transactions = sink.take();
    let spans: Vec<_> = transactions.iter().flat_map(|it| &it.spans).map(|span| &*span.description).collect();
    println!("We recorded: {}", spans.join(", "));
    assert_eq!(spans, [format!("POST {url}/orders/7").as_str(), "POST /orders/{id}"]);
    Ok(())
}
