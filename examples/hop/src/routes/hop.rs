//! `GET /hop?to=URL[&via=hyper|reqwest][&capture=TEXT]`: the same as `/leaf`, and what URL answered. With a text, it also
//! captures an error, a log and a metric of this name.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use sentry::{logger_info, metrics};
use serde::{Deserialize, Serialize};
use trace_server::CurrentTrace;

use crate::client::{Answer, Clients, Via};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::report::Report;

#[derive(Deserialize)]
pub(super) struct Parameters {
    to: Destination,
    #[serde(default)]
    via: Via,
    capture: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Hop {
    #[serde(flatten)]
    pub(super) report: Report,
    pub(super) downstream: Answer,
}

pub(super) async fn hop(
    State(clients): State<Clients>,
    CurrentTrace(trace): CurrentTrace,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<Hop>, Failure> {
    let Query(Parameters { to, via, capture }) = parameters?;
    if let Some(text) = capture {
        sentry::capture_error(&std::io::Error::other(text.clone()));
        logger_info!("{}", text.as_str());
        metrics::counter(text, 1).capture();
    }
    let downstream = call(&clients, &to, via).await?;
    Ok(Json(Hop { report: Report::new(&trace, &headers), downstream }))
}

/// Calls on, in a span of `tracing` that nobody sees without `--tracing-spans`.
#[tracing::instrument(skip_all)]
async fn call(clients: &Clients, to: &Destination, via: Via) -> Result<Answer, Failure> {
    clients.get(to, via).await
}
