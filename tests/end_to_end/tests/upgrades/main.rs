//! Connections that outlive their request, and streams that last.

mod extended_connect;
mod hyper_upgrade;
mod informational;
mod messages;
mod server_sent_events;
mod trailers;
mod web_socket;

use axum::Router;
use tokio::net::TcpListener;

/// Serves an app of axum, and gives its address.
async fn serve(app: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}
