//! Opens all services, the last in the chain first, so that each knows whom to call.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::{Result, courier, inventory, mailer, orders, storefront};
use crate::delivery::Delivery;
use crate::recorder::Recorder;

/// The running shop. Its services end with the runtime.
pub(crate) struct Shop {
    /// The services that listen, with their addresses, in the order in which a request reaches them.
    pub(crate) addresses: Vec<(&'static str, SocketAddr)>,
    /// Where the caller turns to.
    pub(crate) storefront: SocketAddr,
}

impl Shop {
    pub(crate) async fn open(recorder: &Recorder, delivery: Option<&Delivery>) -> Result<Self> {
        let mails = mailer::open(recorder, delivery)?;
        let courier = courier::open(recorder).await?;
        let inventory = inventory::open(recorder, delivery).await?;
        let orders = orders::open(recorder, delivery, orders::Others { inventory, courier, mails }).await?;
        let storefront = storefront::open(recorder, delivery, orders).await?;
        let addresses = [
            (storefront::NAME, storefront),
            (orders::NAME, orders),
            (inventory::NAME, inventory),
            (courier::NAME, courier),
        ];
        Ok(Self { addresses: addresses.into(), storefront })
    }
}

/// A port on loopback that the system chose.
pub(super) async fn listen() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
