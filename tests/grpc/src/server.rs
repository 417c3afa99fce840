//! Servers of tonic on loopback.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use trace_server::TraceServerLayer;

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

    /// Returns the URL of the server.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server ends, which it does not do by itself.
    pub async fn serve(mut self) {
        let _ended = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
