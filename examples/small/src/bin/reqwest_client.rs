//! The client layer round `reqwest::Client`: a call carries the headers of the trace in which it is made.

use std::error::Error;

use axum::http::HeaderMap;
use axum::{Router, routing::get};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request, Url};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceExt, Tracer};

async fn echo(headers: HeaderMap) -> String {
    let line = |(name, value)| format!("{name}: {value:?}\n");
    headers.iter().map(line).collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url: Url = small::serve(Router::new().route("/", get(echo))).await?.parse()?;

    let tracer = Tracer::builder().dsn("https://key@o1.ingest.sentry.io/42").release("shop@1.4.0").build()?;
    // By itself reqwest takes the headers along to wherever a redirect leads.
    let plain_client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let client = ServiceBuilder::new()
        .layer(TraceClientLayer::new(tracer.clone()).targets([Target::host("127.0.0.1")])?)
        .service(plain_client);

    // In a handler behind the server layer the trace of the request is the current one; here it is a new one.
    let trace = tracer.start_new_trace();
    let call = client.clone().oneshot(Request::new(Method::GET, url.clone()));
    let received = call.in_trace(trace.clone()).await?.text().await?;
    print!("{received}");
    assert!(received.contains(&format!("sentry-trace: \"{}-", trace.trace_id())));
    assert!(received.contains("sentry-org_id=1,sentry-release=shop%401.4.0"));

    // Where no trace is current, each call gets one of its own.
    let alone = client.oneshot(Request::new(Method::GET, url)).await?.text().await?;
    assert!(!alone.contains(&trace.trace_id().to_string()));
    Ok(())
}
