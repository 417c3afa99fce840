//! Layers that watch what passes and change nothing: one inside the server's layer, one inside the client's.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use tower::{Layer, Service};
use trace_core::map_current;

use crate::recorder::Recorder;

/// Notes the requests that reach a service, and the trace they are served in.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) name: &'static str,
    pub(super) recorder: Recorder,
}

/// Notes the requests that leave a service, as the client layer made them.
#[derive(Clone)]
pub(super) struct Leaving {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) recorder: Recorder,
}

/// The service that a witness stands before.
#[derive(Clone)]
pub(super) struct Watched<W, S> {
    witness: W,
    inner: S,
}

impl<S> Layer<S> for Received {
    type Service = Watched<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Watched { witness: self.clone(), inner }
    }
}

impl<S> Layer<S> for Leaving {
    type Service = Watched<Self, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Watched { witness: self.clone(), inner }
    }
}

impl<S, B, R> Service<Request<B>> for Watched<Received, S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Received { name, recorder } = self.witness.clone();
        let order = order_of(request.uri().path());
        if let Some(order) = order {
            map_current(|context| recorder.arrived(order, name, context, request.headers().into()));
        }
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            if let Some(order) = order {
                recorder.answered(order, name);
            }
            Ok(response)
        })
    }
}

impl<S, R> Service<R> for Watched<Leaving, S>
where
    S: Service<R>,
    R: Outgoing,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let Leaving { from, to, recorder } = &self.witness;
        let url = request.url();
        if let Some(order) = order_of(&url) {
            recorder.sent(order, from, to, &url, request.headers());
        }
        self.inner.call(request)
    }
}

/// The number of the order, which ends the path of every request in the shop.
pub(super) fn order_of(path: &str) -> Option<u64> {
    path.rsplit('/').next()?.parse().ok()
}

/// A request of any client.
pub(super) trait Outgoing {
    fn url(&self) -> String;
    fn headers(&self) -> &HeaderMap;
}

impl<B> Outgoing for Request<B> {
    fn url(&self) -> String {
        self.uri().to_string()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

impl Outgoing for reqwest::Request {
    fn url(&self) -> String {
        self.url().to_string()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
