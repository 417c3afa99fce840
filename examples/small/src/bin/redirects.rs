//! Redirects from a target to a stranger and back: each hop is decided anew, or reqwest stops before the stranger.

use std::error::Error;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use reqwest::redirect::Policy;
use trace_client::{FollowRedirectsLayer, SendTraced, Target, TraceClientLayer, redirect_policy};
use trace_core::{TraceExt, Tracer};

/// Redirects to what the query says.
async fn hop(uri: Uri, headers: HeaderMap) -> Response {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_stranger = host.starts_with("localhost");
    let has_trace = headers.contains_key("sentry-trace");
    println!("{} got {} headers of the trace", host, if has_trace { "all" } else { "no" });
    if is_stranger && has_trace {
        return StatusCode::IM_A_TEAPOT.into_response();
    }
    match uri.query() {
        Some(next) => Redirect::temporary(next).into_response(),
        None => "the report".into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ours = small::serve(axum::Router::new().fallback(hop)).await?;
    // The same socket by another name, which is another host.
    let stranger = ours.replace("127.0.0.1", "localhost");
    let first = format!("{ours}/?{stranger}/?{ours}/");
    let tracer = Tracer::builder().build()?;
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*ours)])?;
    let trace = tracer.start_new_trace();

    // We follow: reqwest itself must not.
    let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let following = FollowRedirectsLayer::new(layer.clone());
    let call = client.get(&first).send_traced(&following);
    assert_eq!(call.in_trace(trace.clone()).await?.text().await?, "the report");

    // reqwest follows, and stops before the stranger.
    let policy = redirect_policy(&layer, Policy::default());
    let client = reqwest::Client::builder().redirect(policy).no_proxy().build()?;
    let stopped = client.get(&first).send_traced(&layer).in_trace(trace).await?;
    println!("{} at {}", stopped.status(), stopped.url());
    assert!(stopped.status().is_redirection());
    Ok(())
}
