//! What the two services of this example share: where they listen, and when they end. And calls of other services.

pub mod calls;

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

/// Listens on a free port and prints the address.
///
/// # Errors
///
/// If there is no free port.
pub async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

/// Waits until standard input ends.
pub async fn ended() {
    let _ended = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}
