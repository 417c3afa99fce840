//! Redirects with Tower: tower-http follows outside of the layer, round reqwest or any other client.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Request, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::BodyExt;
use reqwest::redirect::Policy;
use tower::{BoxError, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{self, PolicyExt};
use trace_client::{ReqwestService, Target, TraceClientLayer};
use trace_core::{TraceExt, Tracer};

/// Redirects to what the query says.
async fn hop(uri: Uri, headers: HeaderMap, order: Bytes) -> Response {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let has_trace = headers.contains_key("sentry-trace");
    println!("{host} got {order:?} with {} headers of the trace", if has_trace { "all" } else { "no" });
    assert_eq!(has_trace, !host.starts_with("localhost"));
    match uri.query() {
        Some(next) => Redirect::temporary(next).into_response(),
        None => "accepted".into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let ours = small::serve(Router::new().fallback(hop)).await?;
    // The same socket by another name, which is another host.
    let stranger = ours.replace("127.0.0.1", "localhost");
    let tracer = Tracer::builder().build()?;

    let reqwest = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build()?;
    // A body is sent again only if the policy can clone it.
    let clone = policy::clone_body_fn(|body: &reqwest::Body| Some(body.as_bytes()?.to_vec().into()));
    let follow = policy::Standard::default().and::<_, _, reqwest::Error>(clone);
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::with_policy(follow))
        .layer(TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*ours)])?)
        .service(ReqwestService::new(reqwest));

    let request = Request::post(format!("{ours}/?{stranger}/?{ours}/")).body("tea".into())?;
    let response = client.oneshot(request).in_trace(tracer.start_new_trace()).await?;
    let answer = response.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&answer));
    assert_eq!(answer, "accepted");
    Ok(())
}
