//! Each client that follows redirects.

use bytes::Bytes;
use end_to_end::in_time;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use reqwest::redirect::Policy;
use reqwest_middleware::ClientBuilder;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{Limited, PolicyExt, clone_body_fn};
use trace_client::{
    FollowRedirectsLayer, ReqwestService, SendTraced, SendTracedBlocking, TraceClientLayer, redirect_policy,
};
use trace_core::in_current_trace;

use crate::layered;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follower {
    /// A plain reqwest client, and our following.
    SendTraced,
    Reqwest012,
    /// The same as a Tower service.
    Tower,
    Middleware,
    /// The same with the blocking client.
    Blocking,
    /// tower-http's following, round hyper's client and round reqwest.
    HttpHyper,
    HttpReqwest,
    /// tower-http's following, round a buffer with retries in it, and round hedged requests.
    Buffered,
    Hedged,
    /// Our following through a proxy, which sees every request.
    Proxied,
    /// reqwest's own following, with a policy that stops.
    Policy,
    BlockingPolicy,
}

impl Follower {
    pub(crate) const ALL: [Self; 12] = [
        Self::SendTraced,
        Self::Reqwest012,
        Self::Tower,
        Self::Middleware,
        Self::Blocking,
        Self::HttpHyper,
        Self::HttpReqwest,
        Self::Buffered,
        Self::Hedged,
        Self::Proxied,
        Self::Policy,
        Self::BlockingPolicy,
    ];

    /// Whether each hop is a request of its own.
    pub(crate) fn decides_each_hop(self) -> bool {
        !matches!(self, Self::Policy | Self::BlockingPolicy)
    }

    /// Whether the rules are those of our own following.
    pub(crate) fn is_ours(self) -> bool {
        matches!(
            self,
            Self::SendTraced
                | Self::Reqwest012
                | Self::Tower
                | Self::Middleware
                | Self::Blocking
                | Self::Proxied
        )
    }

    /// Sends a request, follows, reads the last response to its end, and gives its status.
    pub(crate) async fn send(
        self,
        layer: &TraceClientLayer,
        method: Method,
        url: String,
        headers: HeaderMap,
        body: Option<&'static str>,
        proxy: String,
    ) -> Result<u16, BoxError> {
        in_time("the last hop", self.follow(layer, method, url, headers, body, proxy)).await
    }

    async fn follow(
        self,
        layer: &TraceClientLayer,
        method: Method,
        url: String,
        headers: HeaderMap,
        body: Option<&'static str>,
        proxy: String,
    ) -> Result<u16, BoxError> {
        let following = FollowRedirectsLayer::new(layer.clone());
        let plain = || reqwest::Client::builder().no_proxy().redirect(Policy::none()).build();
        let guarded = |builder: reqwest::ClientBuilder| {
            builder.no_proxy().redirect(redirect_policy(layer, Policy::default())).build()
        };
        let build = |client: &reqwest::Client| {
            let request = client.request(method.clone(), &url).headers(headers.clone());
            if let Some(body) = body { request.body(body) } else { request }
        };
        let bytes = Bytes::from_static(body.unwrap_or_default().as_bytes());
        let http = || {
            let mut request = Request::new(());
            *request.method_mut() = method.clone();
            *request.uri_mut() = url.parse().unwrap();
            *request.headers_mut() = headers.clone();
            request
        };
        let response = match self {
            Self::SendTraced => build(&plain()?).send_traced(&following).await?,
            Self::Tower => following.layer(plain()?).oneshot(build(&plain()?).build()?).await?,
            Self::Middleware => {
                let client = ClientBuilder::new(plain()?).with(following).build();
                client.execute(build(&plain()?).build()?).await?
            }
            Self::Policy => build(&guarded(reqwest::Client::builder())?).send_traced(layer).await?,
            Self::Proxied => {
                let builder = reqwest::Client::builder().redirect(Policy::none());
                let client = builder.proxy(reqwest::Proxy::http(proxy)?).build()?;
                build(&client).send_traced(&following).await?
            }
            Self::HttpHyper | Self::Buffered | Self::Hedged => {
                let request = http().map(|()| Full::new(bytes));
                return layered::follow(self, layer, request).await;
            }
            Self::HttpReqwest => {
                let clone = clone_body_fn(|body: &reqwest::Body| Some(body.as_bytes()?.to_vec().into()));
                let policy = Limited::new(10).and::<_, _, reqwest::Error>(clone);
                let client = ServiceBuilder::new()
                    .layer(FollowRedirectLayer::with_policy(policy))
                    .layer(layer.clone())
                    .service(ReqwestService::new(plain()?));
                let mut response = client.oneshot(http().map(|()| reqwest::Body::from(bytes))).await?;
                response.body_mut().collect().await?;
                return Ok(response.status().as_u16());
            }
            Self::Reqwest012 => {
                use trace_client::reqwest_0_12::{FollowRedirectsLayer, SendTraced};
                let policy = reqwest_0_12::redirect::Policy::none();
                let client = reqwest_0_12::Client::builder().no_proxy().redirect(policy).build()?;
                let mut request = client.request(method, url).headers(headers);
                if let Some(body) = body {
                    request = request.body(body);
                }
                let response = request.send_traced(&FollowRedirectsLayer::new(layer.clone())).await?;
                return Ok(response.status().as_u16());
            }
            Self::Blocking | Self::BlockingPolicy => {
                let layer = layer.clone();
                let work = in_current_trace(move || {
                    let policy = match self {
                        Self::Blocking => Policy::none(),
                        _ => redirect_policy(&layer, Policy::default()),
                    };
                    let client = reqwest::blocking::Client::builder().no_proxy().redirect(policy).build()?;
                    let mut request = client.request(method, url).headers(headers);
                    if let Some(body) = body {
                        request = request.body(body);
                    }
                    let response = match self {
                        Self::Blocking => request.send_traced(&following)?,
                        _ => request.send_traced(&layer)?,
                    };
                    Ok::<_, reqwest::Error>(response.status().as_u16())
                });
                return Ok(tokio::task::spawn_blocking(work).await??);
            }
        };
        let status = response.status().as_u16();
        response.bytes().await?;
        Ok(status)
    }
}
