//! The service with the layers of this project.

use std::error::Error;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Router, routing::get};
use reqwest::{Client, redirect::Policy};
use sentry::protocol::{Context, User};
use trace_client::{SendTraced, Target, TraceClientLayer};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration, Transport};
use trace_server::TraceServerLayer;
use trace_tracing::SentryEvents;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The service that has the orders.
#[derive(Clone)]
struct Stock {
    client: Client,
    url: String,
    layer: TraceClientLayer,
}

async fn order(State(stock): State<Stock>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User { username: Some("ada".to_owned()), ..User::default() }));
        scope.set_tag("plan", "gold");
        scope.set_extra("cart", 3.into());
        scope.set_context("order", Context::Other([("id".to_owned(), id.into())].into()));
    });
    tracing::info!(id, "loads an order");
    sentry::metrics::counter("orders", 1).capture();
    load(&stock, id).await.map_err(|error| {
        sentry::capture_error(&*error);
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

#[tracing::instrument(skip_all)]
async fn load(stock: &Stock, id: u64) -> Result<String> {
    tokio::task::yield_now().await;
    let number = ask(stock, id).await?.parse::<u64>()?;
    Ok(format!("order {number}"))
}

#[tracing::instrument(skip_all)]
async fn ask(stock: &Stock, id: u64) -> Result<String> {
    let request = stock.client.get(format!("{}/orders/{id}", stock.url));
    Ok(request.send_traced(&stock.layer).await?.text().await?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = sentry::ClientOptions::new()
        // What else the service sets.
        .release("shop@1.4.0")
        .traces_sample_rate(1.0);
    let guard = sentry::init(options.add_integration(TraceIntegration).transport(Transport::new()));
    let sink = SentrySink::of_current_client()?;
    let tracer = sink.tracer().build()?;
    let spans_and_events = trace_tracing::layer().sentry(SentryEvents::default());
    tracing_subscriber::registry().with(spans_and_events).with(LevelFilter::INFO).init();
    let client = Client::builder().redirect(Policy::none()).build()?;
    let url = std::env::var("STOCK_URL")?;
    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::origin(&*url)])?;
    let stock = Stock { client, url, layer };
    let app = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(stock)
        .layer((TraceServerLayer::new(tracer), HubLayer::new()));
    axum::serve(migration::listen().await?, app).with_graceful_shutdown(migration::ended()).await?;
    sink.close(Duration::from_secs(2));
    drop(guard);
    Ok(())
}
