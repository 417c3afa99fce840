//! The service with `sentry-tower`.

use std::error::Error;
use std::num::ParseIntError;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use sentry::integrations::tower::{NewSentryLayer, SentryHttpLayer};
use sentry::integrations::tracing::{BreadcrumbLayer, LogLayer, SpanLayer};
use sentry::protocol::{Context, User};
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
        .traces_sample_rate(1.0);
    let guard = sentry::init(options);
    let spans_and_events = SpanLayer::new().and_then(BreadcrumbLayer::new()).and_then(LogLayer::new());
    tracing_subscriber::registry().with(spans_and_events).init();
    let app = Router::new()
        .route("/orders/{id}", get(order))
        .layer(SentryHttpLayer::new().enable_transaction())
        .layer(NewSentryLayer::<Request<Body>>::new_from_top());
    axum::serve(migration::listen().await?, app).with_graceful_shutdown(migration::ended()).await?;
    drop(guard);
    Ok(())
}
