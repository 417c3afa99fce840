//! storefront: axum in, reqwest out.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use reqwest::{Method, Request, Url};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClient, TraceClientLayer};
use trace_server::TraceServerLayer;

use super::witness::{Leaving, Received, Watched};
use super::{Result, orders, shop, tracer};
use crate::delivery::Delivery;
use crate::recorder::Recorder;

pub(super) const NAME: &str = "storefront";

#[derive(Clone)]
struct Storefront {
    client: TraceClient<Watched<Leaving, reqwest::Client>>,
    orders: Url,
}

pub(super) async fn open(
    recorder: &Recorder,
    delivery: Option<&Delivery>,
    orders: SocketAddr,
) -> Result<SocketAddr> {
    let tracer = tracer::build(NAME, "storefront@1.4.0", recorder, delivery)?;
    let client = ServiceBuilder::new()
        .layer(TraceClientLayer::new(tracer.clone()).targets([Target::origin(format!("http://{orders}"))])?)
        .layer(Leaving { from: NAME, to: orders::NAME, recorder: recorder.clone() })
        .service(reqwest::Client::builder().no_proxy().build()?);

    let app = Router::new()
        .route("/checkout/{order}", get(checkout))
        .with_state(Storefront { client, orders: format!("http://{orders}/orders/").parse()? })
        .layer(Received { name: NAME, recorder: recorder.clone() })
        .layer(TraceServerLayer::new(tracer));
    let (listener, address) = shop::listen().await?;
    tokio::spawn(axum::serve(listener, app).into_future());
    Ok(address)
}

async fn checkout(
    State(storefront): State<Storefront>,
    Path(order): Path<u64>,
) -> Result<String, StatusCode> {
    let url = storefront.orders.join(&order.to_string()).map_err(|_| StatusCode::BAD_REQUEST)?;
    let request = Request::new(Method::POST, url);
    let response = storefront.client.oneshot(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let response = response.error_for_status().map_err(|_| StatusCode::BAD_GATEWAY)?;
    response.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}
