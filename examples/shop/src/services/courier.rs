//! courier: somebody else's service, without our layers and no target. It only notes what reaches it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::post;

use super::witness::Received;
use super::{Result, shop};
use crate::recorder::Recorder;

pub(super) const NAME: &str = "courier";

/// How long the courier takes to book a parcel.
const BOOKING: Duration = Duration::from_millis(15);

pub(super) async fn open(recorder: &Recorder) -> Result<SocketAddr> {
    let app = Router::new()
        .route("/parcels/{order}", post(book))
        .layer(Received { name: NAME, recorder: recorder.clone() });
    let (listener, address) = shop::listen().await?;
    tokio::spawn(axum::serve(listener, app).into_future());
    Ok(address)
}

async fn book(Path(order): Path<u64>) -> String {
    tokio::time::sleep(BOOKING).await;
    format!("parcel-{order}")
}
