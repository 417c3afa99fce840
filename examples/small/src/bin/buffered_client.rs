//! A client behind `tower::buffer`, which calls it from a task of its own: the parent goes along with the request.

use axum::body::Bytes;
use axum::http::{HeaderMap, Request};
use axum::{Router, routing::get};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};
use trace_client::{ParentLayer, TraceClientLayer};
use trace_core::{TraceExt, Tracer};

async fn echo(headers: HeaderMap) -> String {
    headers.get("sentry-trace").and_then(|line| line.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let url = small::serve(Router::new().route("/", get(echo))).await?;
    let tracer = Tracer::builder().build()?;
    let mut client = ServiceBuilder::new()
        .layer(ParentLayer::new())
        .buffer(16)
        .layer(TraceClientLayer::new(tracer.clone()))
        .service(Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>());

    for _ in 0..2 {
        let trace = tracer.start_new_trace();
        let request = Request::get(&url).body(Empty::new())?;
        let call = async { client.ready().await?.call(request).await };
        let response = call.in_trace(trace.clone()).await?;
        let received = response.into_body().collect().await?.to_bytes();
        println!("called in trace {}", trace.trace_id());
        println!("     arrived as {}", String::from_utf8_lossy(&received));
        assert!(received.starts_with(trace.trace_id().to_string().as_bytes()));
    }
    Ok(())
}
