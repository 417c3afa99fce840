//! Requests that are sent by reqwest in each of the ways in which people use it.

use http::{Request, StatusCode};
use reqwest_middleware::ClientBuilder;
use tower::{BoxError, Layer, ServiceExt};
use trace_client::{SendTraced, SendTracedBlocking, TraceClientLayer, TraceMiddleware};
use trace_core::in_current_trace;

use crate::destination::Kind;

/// Sends a request and reads the response to its end.
pub(crate) async fn send(
    kind: Kind,
    layer: &TraceClientLayer,
    request: Request<()>,
) -> Result<StatusCode, BoxError> {
    let (parts, ()) = request.into_parts();
    let url = parts.uri.to_string();
    let plain = || reqwest::Client::builder().no_proxy().build();
    let response = match kind {
        Kind::Reqwest => {
            let request = Request::from_parts(parts, reqwest::Body::default());
            let request = reqwest::Request::try_from(request)?;
            layer.layer(plain()?).oneshot(request).await?
        }
        Kind::SendTraced => {
            plain()?.request(parts.method, url).headers(parts.headers).send_traced(layer).await?
        }
        Kind::Middleware => {
            let client = ClientBuilder::new(plain()?).with(TraceMiddleware::new(layer.clone())).build();
            client.request(parts.method, url).headers(parts.headers).send().await?
        }
        Kind::Reqwest012 => {
            use trace_client::reqwest_0_12::SendTraced;
            let client = reqwest_0_12::Client::builder().no_proxy().build()?;
            let builder = client.request(parts.method, url).headers(parts.headers);
            let response = builder.send_traced(layer).await?;
            let status = response.status();
            response.bytes().await?;
            return Ok(status);
        }
        _ => {
            let layer = layer.clone();
            let work = in_current_trace(move || {
                let client = reqwest::blocking::Client::builder().no_proxy().build()?;
                let builder = client.request(parts.method, url).headers(parts.headers);
                let response = builder.send_traced(&layer)?;
                let status = response.status();
                response.bytes()?;
                Ok::<_, reqwest::Error>(status)
            });
            return Ok(tokio::task::spawn_blocking(work).await??);
        }
    };
    let status = response.status();
    response.bytes().await?;
    Ok(status)
}
