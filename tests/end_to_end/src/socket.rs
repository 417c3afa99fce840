//! A client that writes bytes as they are.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::gate::in_time;
use crate::server::Server;

/// A raw connection to a server. Dropping it closes it.
pub struct Socket {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Socket {
    /// Opens a connection.
    pub async fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).await.expect("a server that listens");
        Self { stream, received: Vec::new() }
    }

    /// Writes bytes. A server that has had enough may already have closed.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _closed = in_time("room for bytes", self.stream.write_all(bytes.as_ref())).await;
    }

    /// Reads until `text` has arrived, and gives what has arrived so far.
    pub async fn read_until(&mut self, text: &str) -> String {
        while !String::from_utf8_lossy(&self.received).contains(text) {
            let number = in_time(text, self.stream.read_buf(&mut self.received)).await;
            assert_ne!(number.unwrap_or(0), 0, "closed before {text:?}: {:?}", self.text());
        }
        self.text()
    }

    /// Reads until the server closes, and gives all that has arrived.
    pub async fn read_to_end(mut self) -> String {
        let _reset = in_time("the end", self.stream.read_to_end(&mut self.received)).await;
        self.text()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }
}
