//! A service that is called and calls another one: a server layer and a client layer make both one trace.

use std::error::Error;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use axum::{Router, routing::get};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClient, TraceClientLayer};
use trace_core::Tracer;
use trace_server::{CurrentTrace, TraceServerLayer};

type TracedClient = TraceClient<Client<HttpConnector, Body>>;

/// The call belongs to the trace of the request that is being served, without being told.
async fn order(State((client, url)): State<(TracedClient, String)>) -> Result<impl IntoResponse, StatusCode> {
    let request = Request::get(url).body(Body::empty());
    let request = request.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    client.oneshot(request).await.map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn stock(CurrentTrace(trace): CurrentTrace) -> String {
    format!("trace {} was {}", trace.trace_id(), trace.continuation())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("shop@1.4.0").build()?;
    let server_layer = TraceServerLayer::new(tracer.clone());
    let client_layer = TraceClientLayer::new(tracer).targets([Target::host("127.0.0.1")])?;

    let inventory = Router::new().route("/stock", get(stock));
    let inventory = small::serve(inventory.layer(server_layer.clone())).await?;

    let client = Client::builder(TokioExecutor::new()).build_http();
    let client = ServiceBuilder::new().layer(client_layer).service(client);
    let shop = Router::new().route("/orders/{id}", get(order));
    let shop = shop.layer(server_layer).with_state((client, inventory + "/stock"));
    let shop = small::serve(shop).await?;

    let text = small::browse(shop + "/orders/17").await?;
    println!("The browser's {text}.");
    assert!(text.starts_with(&format!("trace {} was continued", small::BROWSER_TRACE)));
    Ok(())
}
