//! Where requests go: each kind of client with the layer round it, and what arrived at its other end.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use end_to_end::{Protocol, Server, in_time};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use trace_client::TraceClientLayer;

use crate::by_reqwest;

/// What the layer stands round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Hyper,
    /// reqwest as a Tower service.
    Reqwest,
    /// What a plain reqwest client has built, sent by the extension.
    SendTraced,
    Reqwest012,
    Middleware,
    Blocking,
    Router,
    Own,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Hyper,
        Self::Reqwest,
        Self::SendTraced,
        Self::Reqwest012,
        Self::Middleware,
        Self::Blocking,
        Self::Router,
        Self::Own,
    ];

    /// The name of the instrumentation.
    pub(crate) fn origin(self) -> &'static str {
        match self {
            Self::Hyper | Self::Router | Self::Own => "auto.http.tower_client",
            _ => "auto.http.reqwest",
        }
    }
}

pub(crate) type HyperClient = legacy::Client<HttpConnector, Empty<Bytes>>;

pub(crate) fn hyper_client() -> HyperClient {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// A server that keeps the heads of the requests it gets, and answers with the status that the path names.
pub(crate) struct Destination {
    server: Server,
    received: Arc<Mutex<Vec<Head>>>,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl Head {
    /// The lines of a header, joined with ` | ` so that several of them cannot be taken for one.
    pub(crate) fn lines(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self.headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

fn answer<B: Default>(uri: &Uri, headers: &HeaderMap, received: &Mutex<Vec<Head>>) -> Response<B> {
    received.lock().unwrap().push(Head { path: uri.path().to_owned(), headers: headers.clone() });
    let mut response = Response::new(B::default());
    *response.status_mut() = uri.path()[1..].parse().unwrap_or(StatusCode::OK);
    if let Some(location) = uri.query().and_then(|query| query.strip_prefix("to=")) {
        response.headers_mut().insert("location", location.parse().unwrap());
    }
    response
}

impl Destination {
    pub(crate) async fn start() -> Self {
        let received = Arc::new(Mutex::default());
        let service = service_fn({
            let received = Arc::clone(&received);
            move |request: Request<_>| {
                let response = answer::<Body>(request.uri(), request.headers(), &received);
                std::future::ready(Ok::<_, Infallible>(response))
            }
        });
        let server = Server::start(Protocol::Http1, service).await;
        Self { server, received }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// What has arrived by now.
    pub(crate) fn received(&self) -> Vec<Head> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// What has arrived by now, if it is one request.
    #[track_caller]
    pub(crate) fn only(&self) -> Head {
        let mut received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }

    /// Sends a request through the layer round a client of this kind, and reads the response to its end. Clients that
    /// live in this process never reach the socket, but what they get is kept likewise.
    pub(crate) async fn send(
        &self,
        kind: Kind,
        layer: &TraceClientLayer,
        request: Request<()>,
    ) -> Result<StatusCode, BoxError> {
        let received = Arc::clone(&self.received);
        in_time("a response", async {
            match kind {
                Kind::Hyper => {
                    let client = layer.layer(hyper_client());
                    read(client.oneshot(request.map(|()| Empty::new())).await?).await
                }
                Kind::Reqwest | Kind::SendTraced | Kind::Reqwest012 | Kind::Middleware | Kind::Blocking => {
                    by_reqwest::send(kind, layer, request).await
                }
                Kind::Router => {
                    let keep = move |request: Request<Body>| {
                        let response = answer::<Body>(request.uri(), request.headers(), &received);
                        std::future::ready(response)
                    };
                    let client = layer.layer(Router::new().fallback(keep));
                    read(client.oneshot(request.map(|()| Body::empty())).await?).await
                }
                Kind::Own => {
                    let client = layer.layer(service_fn(move |request: Request<()>| {
                        let response = answer::<Empty<Bytes>>(request.uri(), request.headers(), &received);
                        std::future::ready(Ok::<_, BoxError>(response))
                    }));
                    read(client.oneshot(request).await?).await
                }
            }
        })
        .await
    }
}

async fn read<B>(response: Response<B>) -> Result<StatusCode, BoxError>
where
    B: http_body::Body<Error: Into<BoxError>>,
{
    let status = response.status();
    response.into_body().collect().await.map_err(Into::into)?;
    Ok(status)
}
