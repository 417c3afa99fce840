//! A call through our client layer.

use std::convert::Infallible;

use futures_util::FutureExt;
use http::{HeaderMap, Request, Response};
use tower::{Service, ServiceBuilder, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceContext, Tracer};

/// The headers that a call to `api.example.com` carries which is made in this context, with these hosts as targets.
pub(crate) fn call(tracer: &Tracer, context: &TraceContext, targets: &[&str]) -> HeaderMap {
    let targets = targets.iter().map(|host| Target::host(*host));
    let layer = TraceClientLayer::new(tracer.clone()).targets(targets).unwrap();
    // The peer answers with what it got.
    let peer = service_fn(|request: Request<()>| async move {
        let mut response = Response::new(String::new());
        *response.headers_mut() = request.headers().clone();
        Ok::<_, Infallible>(response)
    });
    let mut client = ServiceBuilder::new().layer(layer).service(peer);
    let request = Request::get("https://api.example.com/v1").body(()).unwrap();
    let response = context.scope(|| client.call(request)).now_or_never();
    let Ok(response) = response.unwrap();
    response.headers().clone()
}
