//! An address at which nobody listens.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// An address of this machine at which nobody listens, and nobody else can as long as this lives. A port that was merely freed
/// may become another test's.
#[derive(Debug)]
pub struct Nobody {
    /// Where it is.
    pub address: SocketAddr,
    _bound: TcpSocket,
}

impl Nobody {
    /// Takes a port that the system chose, and does not listen there.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    #[must_use]
    pub fn bind() -> Self {
        let bound = TcpSocket::new_v4().unwrap();
        bound.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self { address: bound.local_addr().unwrap(), _bound: bound }
    }
}
