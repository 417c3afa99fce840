//! orders: axum in; hyper's client to inventory, reqwest to the courier, a queue to mailer.

use std::net::SocketAddr;

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClient, TraceClientLayer};
use trace_core::Tracer;
use trace_server::TraceServerLayer;

use super::mailer::Mails;
use super::witness::{Leaving, Received, Watched};
use super::{Result, courier, inventory, shop, tracer};
use crate::delivery::Delivery;
use crate::recorder::Recorder;

pub(super) const NAME: &str = "orders";

/// Whom orders turns to.
pub(super) struct Others {
    pub(super) inventory: SocketAddr,
    pub(super) courier: SocketAddr,
    pub(super) mails: Mails,
}

#[derive(Clone)]
struct Orders {
    inventory: TraceClient<Watched<Leaving, Client<HttpConnector, Empty<Bytes>>>>,
    inventory_url: String,
    courier: TraceClient<Watched<Leaving, reqwest::Client>>,
    courier_url: String,
    tracer: Tracer,
    mails: Mails,
}

pub(super) async fn open(
    recorder: &Recorder,
    delivery: Option<&Delivery>,
    others: Others,
) -> Result<SocketAddr> {
    let Others { inventory, courier, mails } = others;
    let tracer = tracer::build(NAME, "orders@2.0.3", recorder, delivery)?;
    // One list for all clients: inventory is a target, the courier is not.
    let traced =
        TraceClientLayer::new(tracer.clone()).targets([Target::origin(format!("http://{inventory}"))])?;
    let leaving = |to| Leaving { from: NAME, to, recorder: recorder.clone() };
    let orders = Orders {
        inventory: ServiceBuilder::new()
            .layer(traced.clone())
            .layer(leaving(inventory::NAME))
            .service(Client::builder(TokioExecutor::new()).build_http()),
        inventory_url: format!("http://{inventory}/stock/"),
        courier: ServiceBuilder::new()
            .layer(traced)
            .layer(leaving(courier::NAME))
            .service(reqwest::Client::builder().no_proxy().build()?),
        courier_url: format!("http://{courier}/parcels/"),
        tracer: tracer.clone(),
        mails,
    };

    let app = Router::new()
        .route("/orders/{order}", post(place))
        .with_state(orders)
        .layer(Received { name: NAME, recorder: recorder.clone() })
        .layer(TraceServerLayer::new(tracer));
    let (listener, address) = shop::listen().await?;
    tokio::spawn(axum::serve(listener, app).into_future());
    Ok(address)
}

async fn place(State(orders): State<Orders>, Path(order): Path<u64>) -> Result<Json<Value>, StatusCode> {
    let (picked, parcel) = tokio::join!(orders.pick(order), orders.book(order));
    let picked = picked.or(Err(StatusCode::BAD_GATEWAY))?;
    let parcel = parcel.or(Err(StatusCode::BAD_GATEWAY))?;
    orders.mails.send(&orders.tracer, order).await.or(Err(StatusCode::SERVICE_UNAVAILABLE))?;
    Ok(Json(json!({"order": order, "items": picked.lines().collect::<Vec<_>>(), "parcel": parcel})))
}

impl Orders {
    /// Has the items picked: one line for each, as they come.
    async fn pick(&self, order: u64) -> Result<String> {
        let url: Uri = format!("{}{order}", self.inventory_url).parse()?;
        let request = http::Request::get(url).body(Empty::new())?;
        let response = self.inventory.clone().oneshot(request).await?;
        let body = response.into_body().collect().await?.to_bytes();
        Ok(String::from_utf8(body.into())?)
    }

    /// Books a parcel with the courier.
    async fn book(&self, order: u64) -> Result<String> {
        let url = format!("{}{order}", self.courier_url).parse()?;
        let request = reqwest::Request::new(reqwest::Method::POST, url);
        Ok(self.courier.clone().oneshot(request).await?.text().await?)
    }
}
