//! Calls of any kind.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::uri::PathAndQuery;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::codec::{CompressionEncoding, Streaming};
use tonic::{Request, Status};

use crate::codec::BytesCodec;

/// The four kinds of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Unary,
    ServerStream,
    ClientStream,
    Bidirectional,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Unary, Self::ServerStream, Self::ClientStream, Self::Bidirectional];

    /// Returns whether the answer is a stream of messages.
    pub fn streams_answer(self) -> bool {
        matches!(self, Self::ServerStream | Self::Bidirectional)
    }
}

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub struct Call {
    service: String,
    kind: Kind,
    message: Bytes,
    timeout: Option<Duration>,
}

/// The answer to a call whose head has come.
enum Answer {
    One(Bytes),
    Many(Box<Streaming<Bytes>>),
}

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
    pub async fn make<S>(&self, channel: S) -> Result<Vec<Bytes>, Status>
    where
        S: GrpcService<
                Body,
                ResponseBody: http_body::Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
            >,
    {
        self.make_watched(channel, || ()).await
    }

    /// The same, with a function that is called after each message of a stream.
    pub async fn make_watched<S>(&self, channel: S, on_message: impl Fn()) -> Result<Vec<Bytes>, Status>
    where
        S: GrpcService<
                Body,
                ResponseBody: http_body::Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
            >,
    {
        let mut stream = match self.begin(channel).await? {
            Answer::One(message) => return Ok(vec![message]),
            Answer::Many(stream) => stream,
        };
        let mut messages = Vec::new();
        while let Some(message) = stream.message().await? {
            messages.push(message);
            on_message();
        }
        Ok(messages)
    }

    /// Makes the call, and goes after the first message of the answer.
    pub async fn leave_early<S>(&self, channel: S) -> Result<(), Status>
    where
        S: GrpcService<
                Body,
                ResponseBody: http_body::Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
            >,
    {
        if let Answer::Many(mut stream) = self.begin(channel).await? {
            stream.message().await?;
        }
        Ok(())
    }

    async fn begin<S>(&self, channel: S) -> Result<Answer, Status>
    where
        S: GrpcService<
                Body,
                ResponseBody: http_body::Body<Data = Bytes, Error: Into<tower::BoxError>> + Send + 'static,
            >,
    {
        let gzip = CompressionEncoding::Gzip;
        let mut grpc = Grpc::new(channel).accept_compressed(gzip).send_compressed(gzip);
        grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
        let path = PathAndQuery::try_from(format!("/{}/{:?}", self.service, self.kind)).expect("a path");
        let one = self.request(self.message.clone());
        let many = self.request(stream::iter([self.message.clone(), self.message.clone()]));
        Ok(match self.kind {
            Kind::Unary => Answer::One(grpc.unary(one, path, BytesCodec).await?.into_inner()),
            Kind::ClientStream => {
                Answer::One(grpc.client_streaming(many, path, BytesCodec).await?.into_inner())
            }
            Kind::ServerStream => {
                Answer::Many(Box::new(grpc.server_streaming(one, path, BytesCodec).await?.into_inner()))
            }
            Kind::Bidirectional => {
                Answer::Many(Box::new(grpc.streaming(many, path, BytesCodec).await?.into_inner()))
            }
        })
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        request
    }
}
