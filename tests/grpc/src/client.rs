//! Calls of any kind.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::uri::PathAndQuery;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::codec::{CompressionEncoding, Streaming};
use tonic::{Request, Status};
use tower::BoxError;

use crate::codec::BytesCodec;
use crate::kind::Kind;

/// A call that can be made, with compressed messages.
#[derive(Debug, Clone)]
pub struct Call {
    service: String,
    kind: Kind,
    message: Bytes,
    timeout: Option<Duration>,
}

/// What a call can be made by: a channel, or a service round one.
pub trait Channel: GrpcService<Body, ResponseBody: ResponseBody> {}

impl<S: GrpcService<Body, ResponseBody: ResponseBody>> Channel for S {}

/// A body that tonic reads.
pub trait ResponseBody: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static {}

impl<B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static> ResponseBody for B {}

impl Call {
    /// A call with this message, of the method of `service` that is called as its kind.
    pub fn new(service: &str, kind: Kind, message: impl Into<Bytes>) -> Self {
        Self { service: service.to_owned(), kind, message: message.into(), timeout: None }
    }

    /// The same with a deadline.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Makes the call, and gives all messages of the answer.
    pub async fn make(&self, channel: impl Channel) -> Result<Vec<Bytes>, Status> {
        if !self.kind.streams_answer() {
            return Ok(vec![self.one(channel).await?]);
        }
        let (mut stream, mut messages) = (self.many(channel).await?, Vec::new());
        while let Some(message) = stream.message().await? {
            messages.push(message);
        }
        Ok(messages)
    }

    /// Makes a call whose answer is one message.
    pub async fn one(&self, channel: impl Channel) -> Result<Bytes, Status> {
        let (mut grpc, path) = (ready(channel).await?, self.path());
        let answer = match self.kind.streams_request() {
            true => grpc.client_streaming(self.messages(), path, BytesCodec).await?,
            false => grpc.unary(self.request(self.message.clone()), path, BytesCodec).await?,
        };
        Ok(answer.into_inner())
    }

    /// Makes a call whose answer is a stream, and gives that.
    pub async fn many(&self, channel: impl Channel) -> Result<Streaming<Bytes>, Status> {
        let (mut grpc, path) = (ready(channel).await?, self.path());
        let answer = match self.kind.streams_request() {
            true => grpc.streaming(self.messages(), path, BytesCodec).await?,
            false => grpc.server_streaming(self.request(self.message.clone()), path, BytesCodec).await?,
        };
        Ok(answer.into_inner())
    }

    fn path(&self) -> PathAndQuery {
        PathAndQuery::try_from(format!("/{}/{}", self.service, self.kind.name())).expect("a path")
    }

    fn messages(&self) -> Request<impl futures_util::Stream<Item = Bytes> + use<>> {
        self.request(stream::iter([self.message.clone(), self.message.clone()]))
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        request
    }
}

async fn ready<S: Channel>(channel: S) -> Result<Grpc<S>, Status> {
    let gzip = CompressionEncoding::Gzip;
    let mut grpc = Grpc::new(channel).accept_compressed(gzip).send_compressed(gzip);
    grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
    Ok(grpc)
}
