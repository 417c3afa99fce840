//! A service with a method of each kind.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, Streaming};
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic::{Request as Call, Response as Answer, Status};
use tower::service_fn;

use crate::codec::BytesCodec;
use crate::kind::Kind;
use crate::script::play;

/// The messages of an answer.
pub type Messages = BoxStream<'static, Result<Bytes, Status>>;

/// What the methods do: called with the kind of the method and the first message, it gives the answer. Methods whose
/// answer is one message give the first.
pub type Play = Arc<dyn Fn(Kind, Bytes) -> BoxFuture<'static, Result<Messages, Status>> + Send + Sync>;

/// Returns the service `test.Scripted`, whose answers follow the script that is the message.
pub fn scripted() -> Routes {
    routes(
        "test.Scripted",
        Arc::new(|_, script| Box::pin(async move { play(&String::from_utf8_lossy(&script)).await })),
    )
}

/// Returns a service with a method of each kind.
pub fn routes(service: &str, play: Play) -> Routes {
    let methods = Kind::ALL.into_iter().fold(Router::new(), |router, kind| {
        let play = play.clone();
        let method = async move |request: Request| {
            answer(kind, play, request.map(Body::new)).await.map(axum::body::Body::new)
        };
        router.route(&format!("/{service}/{}", kind.name()), post(method))
    });
    let mut all = Routes::default();
    *all.axum_router_mut() = methods.fallback_service(Routes::default().into_axum_router());
    all
}

async fn answer(kind: Kind, play: Play, request: http::Request<Body>) -> http::Response<Body> {
    let gzip = CompressionEncoding::Gzip;
    let mut grpc = Grpc::new(BytesCodec).accept_compressed(gzip).send_compressed(gzip);
    let play = |message| play(kind, message);
    match kind {
        Kind::Unary => {
            let method = service_fn(async |call: Call<Bytes>| first_of(play(call.into_inner()).await?).await);
            grpc.unary(method, request).await
        }
        Kind::ServerStream => {
            let method = service_fn(async |call: Call<Bytes>| play(call.into_inner()).await.map(Answer::new));
            grpc.server_streaming(method, request).await
        }
        Kind::ClientStream => {
            let method = service_fn(async |call: Call<Streaming<Bytes>>| {
                first_of(play(last(call).await?).await?).await
            });
            grpc.client_streaming(method, request).await
        }
        Kind::Bidirectional => {
            let method = service_fn(async |call: Call<Streaming<Bytes>>| {
                play(first(call).await?).await.map(Answer::new)
            });
            grpc.streaming(method, request).await
        }
    }
}

/// Returns the first message. An error after it is the status of the call.
async fn first_of(mut messages: Messages) -> Result<Answer<Bytes>, Status> {
    let first = messages.next().await.expect("a message")?;
    match messages.next().await {
        Some(Err(status)) => Err(status),
        _ => Ok(Answer::new(first)),
    }
}

async fn first(call: Call<Streaming<Bytes>>) -> Result<Bytes, Status> {
    call.into_inner().message().await.map(Option::unwrap_or_default)
}

async fn last(call: Call<Streaming<Bytes>>) -> Result<Bytes, Status> {
    let (mut messages, mut last) = (call.into_inner(), Bytes::new());
    while let Some(message) = messages.message().await? {
        last = message;
    }
    Ok(last)
}
