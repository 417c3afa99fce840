//! One connection to a server, of hyper's client.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::gate::in_time;
use crate::server::{Protocol, Server};

/// One connection to a server. It closes when this is dropped and no response is under way.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    sender: Sender,
}

#[derive(Clone)]
enum Sender {
    // Requests of HTTP/1 go one after the other.
    Http1(Arc<Mutex<http1::SendRequest<Empty<Bytes>>>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    /// Opens a connection.
    pub async fn connect(protocol: Protocol, server: &Server) -> Self {
        let address = server.address();
        let io = TokioIo::new(TcpStream::connect(address).await.expect("a server that listens"));
        let sender = match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(io).await.expect("HTTP/1");
                tokio::spawn(connection.with_upgrades());
                Sender::Http1(Arc::new(sender.into()))
            }
            Protocol::Http2 => {
                let executor = TokioExecutor::new();
                let (sender, connection) = http2::handshake(executor, io).await.expect("HTTP/2");
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        };
        Self { address, sender }
    }

    /// Sends a request for a path of the server, or for an authority with `CONNECT`.
    pub async fn send(&self, mut request: Request<()>) -> hyper::Result<Response<Incoming>> {
        let authority = self.address.to_string();
        let is_connect = request.method() == Method::CONNECT;
        if let Sender::Http1(_) = &self.sender {
            let host = HeaderValue::try_from(authority).expect("an authority");
            request.headers_mut().entry(HOST).or_insert(host);
        } else if !is_connect {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = Uri::try_from(format!("http://{authority}{path}")).expect("a path");
        }
        let request = request.map(|()| Empty::new());
        in_time("a response", async {
            match &self.sender {
                Sender::Http1(sender) => {
                    let mut sender = sender.lock().await;
                    sender.ready().await?;
                    sender.send_request(request).await
                }
                Sender::Http2(sender) => sender.clone().send_request(request).await,
            }
        })
        .await
    }

    /// Gets a path and gives the text of the response.
    pub async fn get(&self, path: &str, headers: &[(&'static str, &str)]) -> String {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.send(request.body(()).expect("a request")).await.expect("a response");
        text(response).await.expect("a whole body")
    }
}

/// The text of a response.
pub async fn text(response: Response<Incoming>) -> hyper::Result<String> {
    let body = in_time("a whole body", response.into_body().collect()).await?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}
