//! Servers of tonic on loopback.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, Streaming};
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::{Request as Call, Response as Answer, Status};
use tower::service_fn;
use trace_server::TraceServerLayer;

use crate::codec::BytesCodec;
use crate::script::{Messages, play};

/// A server that ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves routes within a layer, on a port that the system chose.
    pub async fn start(layer: TraceServerLayer, routes: Routes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let server = tonic::transport::Server::builder().layer(layer).add_routes(routes);
        let task = tokio::spawn(async {
            server.serve_with_incoming(TcpIncoming::from(listener)).await.expect("a server");
        });
        Self { address, task }
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The service `test.Scripted`, with a method of each kind. The first message of a call is its script.
pub fn scripted() -> Routes {
    let router = axum::Router::new()
        .route("/test.Scripted/Unary", post(unary))
        .route("/test.Scripted/ServerStream", post(server_stream))
        .route("/test.Scripted/ClientStream", post(client_stream))
        .route("/test.Scripted/Bidirectional", post(bidirectional));
    Routes::from(router.fallback(async || {
        let mut response = Response::new(axum::body::Body::empty());
        let headers = response.headers_mut();
        headers.insert("grpc-status", 12.into());
        headers.insert("content-type", http::HeaderValue::from_static("application/grpc"));
        response
    }))
}

fn grpc() -> Grpc<BytesCodec> {
    let gzip = CompressionEncoding::Gzip;
    Grpc::new(BytesCodec).accept_compressed(gzip).send_compressed(gzip)
}

async fn unary(request: Request) -> Response {
    let method = service_fn(|call: Call<Bytes>| one(call.into_inner()));
    answer(grpc().unary(method, request.map(Body::new)).await)
}

async fn server_stream(request: Request) -> Response {
    let method = service_fn(|call: Call<Bytes>| many(call.into_inner()));
    answer(grpc().server_streaming(method, request.map(Body::new)).await)
}

async fn client_stream(request: Request) -> Response {
    let method = service_fn(async |call: Call<Streaming<Bytes>>| one(last(call).await?).await);
    answer(grpc().client_streaming(method, request.map(Body::new)).await)
}

async fn bidirectional(request: Request) -> Response {
    let method = service_fn(async |call: Call<Streaming<Bytes>>| many(first(call).await?).await);
    answer(grpc().streaming(method, request.map(Body::new)).await)
}

fn answer(response: http::Response<Body>) -> Response {
    response.map(axum::body::Body::new)
}

async fn many(script: Bytes) -> Result<Answer<Messages>, Status> {
    play(&String::from_utf8_lossy(&script)).await.map(Answer::new)
}

async fn one(script: Bytes) -> Result<Answer<Bytes>, Status> {
    let mut messages = many(script).await?.into_inner();
    let first = messages.next().await.expect("a message")?;
    // An error after the message is the status of the call.
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
