//! A server on loopback, made of hyper and any Tower service.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tower::{BoxError, Service};

use crate::gate::in_time;

/// The most requests at a time on one connection; hyper's own default is 200.
const MOST_STREAMS: u32 = 1000;

/// The version of HTTP that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 without TLS and without upgrade.
    Http2,
}

impl Protocol {
    /// Both versions.
    pub const BOTH: &'static [Self] = &[Self::Http1, Self::Http2];
}

/// A server on a port that the system chose. Tasks run on the runtime of the test.
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
    tasks: Tasks,
}

impl Server {
    /// Serves every request with clones of `service`.
    pub async fn start<S, B>(protocol: Protocol, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self::start_at([127, 0, 0, 1], protocol, service).await
    }

    /// Serves at another address of this machine, which counts as another host.
    pub async fn start_at<S, B>(address: [u8; 4], protocol: Protocol, service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::from(address), 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let tasks = Tasks(TaskTracker::new());
        let accepting = tokio::spawn({
            let tasks = tasks.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let connection = serve(protocol, stream, service.clone(), tasks.clone());
                    tasks.0.spawn(connection);
                }
            }
        });
        Self { address, accepting, tasks }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The absolute URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Accepts no more, and waits until every connection and stream has ended. Clients must have gone before.
    pub async fn close(self) {
        self.accepting.abort();
        self.tasks.0.close();
        in_time("the end of all connections", self.tasks.0.wait()).await;
    }
}

async fn serve<S, B>(protocol: Protocol, stream: TcpStream, service: S, tasks: Tasks)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let (io, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
    // How a connection fails is the client's to see.
    let _ended = match protocol {
        Protocol::Http1 => http1::Builder::new().serve_connection(io, service).with_upgrades().await,
        Protocol::Http2 => {
            http2::Builder::new(tasks)
                .max_concurrent_streams(MOST_STREAMS)
                .enable_connect_protocol()
                .serve_connection(io, service)
                .await
        }
    };
}

/// Knows of every task, also of those that hyper spawns for the streams of HTTP/2.
#[derive(Clone)]
struct Tasks(TaskTracker);

impl<F: Future<Output: Send> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
