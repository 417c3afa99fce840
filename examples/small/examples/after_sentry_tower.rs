//! The service of `docs/from-sentry-tower.md` after the move.

use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Router, routing::get};
use reqwest::{Method, Request, redirect::Policy};
use tower::{ServiceBuilder, ServiceExt};
use trace_client::{Target, TraceClient, TraceClientLayer};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

type Client = TraceClient<reqwest::Client>;

async fn order(State(client): State<Client>) -> Result<String, StatusCode> {
    let url = "http://inventory.internal/items/7".parse().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let response = client.oneshot(Request::new(Method::GET, url)).await;
    let response = response.map_err(|error| {
        sentry::capture_error(&error);
        StatusCode::BAD_GATEWAY
    })?;
    response.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = sentry::ClientOptions::new()
        .dsn("https://key@o1.ingest.sentry.io/42")
        .traces_sample_rate(0.1)
        .add_integration(TraceIntegration);
    let _guard = sentry::init(options);
    let sink = SentrySink::of_current_client()?;
    let tracer = sink.tracer().build()?;
    let propagation = TraceClientLayer::new(tracer.clone()).targets([Target::host("inventory.internal")])?;
    let client = reqwest::Client::builder().redirect(Policy::none()).build()?;
    let client = ServiceBuilder::new().layer(propagation).service(client);
    let app = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(client)
        .layer(HubLayer::new())
        .layer(TraceServerLayer::new(tracer));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    sink.close(std::time::Duration::from_secs(2));
    Ok(())
}
