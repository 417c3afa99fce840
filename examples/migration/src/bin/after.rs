//! The service with the layers of this project.

use std::error::Error;
use std::num::ParseIntError;
use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::{Router, routing::get};
use sentry::protocol::{Context, User};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration, Transport};
use trace_server::TraceServerLayer;
use trace_tracing::SentryEvents;
use tracing_subscriber::prelude::*;

async fn order(Path(id): Path<u64>) -> Result<String, StatusCode> {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User { username: Some("ada".to_owned()), ..User::default() }));
        scope.set_tag("plan", "gold");
        scope.set_extra("cart", 3.into());
        scope.set_context("order", Context::Other([("id".to_owned(), id.into())].into()));
    });
    tracing::info!(id, "loads an order");
    sentry::metrics::counter("orders", 1).capture();
    load(id).await.map_err(|error| {
        sentry::capture_error(&error);
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

#[tracing::instrument(skip_all)]
async fn load(id: u64) -> Result<String, ParseIntError> {
    tokio::task::yield_now().await;
    let digits = if id == 0 { "none" } else { "17" };
    digits.parse::<u64>().map(|id| format!("order {id}"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = sentry::ClientOptions::new()
        // What else the service sets.
        .release("shop@1.4.0")
        .add_integration(TraceIntegration)
        .transport(Transport::new())
        .traces_sample_rate(1.0);
    let guard = sentry::init(options);
    let sink = SentrySink::of_current_client()?;
    let spans_and_events = trace_tracing::layer().sentry(SentryEvents::default());
    tracing_subscriber::registry().with(spans_and_events).init();
    let app = Router::new()
        .route("/orders/{id}", get(order))
        .layer(HubLayer::new())
        .layer(TraceServerLayer::new(sink.tracer().build()?));
    axum::serve(migration::listen().await?, app).with_graceful_shutdown(migration::ended()).await?;
    sink.close(Duration::from_secs(2));
    drop(guard);
    Ok(())
}
