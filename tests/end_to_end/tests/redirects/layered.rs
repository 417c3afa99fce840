//! tower-http's following round hyper's client, with other layers between.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tower::hedge::{self, Hedge};
use tower::retry::{self, RetryLayer};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;
use tower_http::follow_redirect::policy::{Limited, PolicyExt, clone_body_fn};
use trace_client::{ParentLayer, TraceClientLayer};

use crate::follower::Follower;

type Post = Request<Full<Bytes>>;

/// Sends a request once more that fails, and hedges every one.
#[derive(Clone)]
struct Again {
    is_left: bool,
}

impl<B, E> retry::Policy<Post, Response<B>, E> for Again {
    type Future = std::future::Ready<()>;

    fn retry(&mut self, _: &mut Post, result: &mut Result<Response<B>, E>) -> Option<Self::Future> {
        let again = result.is_err() && std::mem::take(&mut self.is_left);
        again.then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Post) -> Option<Post> {
        Some(request.clone())
    }
}

impl hedge::Policy<Post> for Again {
    fn clone_request(&self, request: &Post) -> Option<Post> {
        Some(request.clone())
    }

    fn can_retry(&self, _: &Post) -> bool {
        true
    }
}

pub(crate) async fn follow(
    follower: Follower,
    layer: &TraceClientLayer,
    request: Post,
) -> Result<u16, BoxError> {
    let hyper = legacy::Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let (traced, again) = (layer.layer(hyper), Again { is_left: true });
    match follower {
        // `ParentLayer` stands inside of what follows, which calls it in the task of the caller.
        Follower::Buffered => {
            let client = ServiceBuilder::new()
                .layer(ParentLayer::new())
                .buffer(8)
                .layer(RetryLayer::new(again))
                .service(traced);
            read(following(client), request).await
        }
        Follower::Hedged => {
            // A latency that no request of this test has: the second one is there, and seldom sent.
            let hedged =
                Hedge::new_with_mock_latencies(traced, again, 1, 0.5, Duration::from_secs(60), &[15_000; 10]);
            let client = ServiceBuilder::new().layer(ParentLayer::new()).buffer(8).service(hedged);
            read(following(client), request).await
        }
        _ => read(following(traced), request).await,
    }
}

fn following<S, B>(
    client: S,
) -> impl Service<Post, Response = Response<B>, Error = S::Error, Future: Send> + Clone
where
    S: Service<Post, Response = Response<B>, Future: Send> + Clone + Send,
    B: Send,
{
    let clone = clone_body_fn(|body: &Full<Bytes>| Some(body.clone()));
    FollowRedirectLayer::with_policy(Limited::new(10).and::<_, _, S::Error>(clone)).layer(client)
}

async fn read<S, B>(client: S, request: Post) -> Result<u16, BoxError>
where
    S: Service<Post, Response = Response<B>, Error: Into<BoxError>>,
    B: http_body::Body<Error: Into<BoxError>>,
{
    let response = client.oneshot(request).await.map_err(Into::into)?;
    let status = response.status().as_u16();
    response.into_body().collect().await.map_err(Into::into)?;
    Ok(status)
}
