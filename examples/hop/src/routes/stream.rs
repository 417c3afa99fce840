//! `GET /stream?chunks=N&ms=M[&to=URL]`: an answer that takes its time, and calls URL before its last chunk.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use trace_core::TraceContext;

use crate::bounded::Bounded;
use crate::client::{Answer, Clients, Via};
use crate::destination::Destination;
use crate::failure::Failure;

#[derive(Deserialize)]
pub(super) struct Parameters {
    chunks: Bounded<1, 1_000>,
    ms: Bounded<0, 60_000>,
    to: Option<Destination>,
    #[serde(default)]
    via: Via,
}

/// One line of the answer.
#[derive(Serialize)]
struct Chunk {
    chunk: u64,
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    downstream: Option<Answer>,
    /// The status has been sent when the call fails, so the failure is told here.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn stream(
    State(clients): State<Clients>,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<impl IntoResponse, Failure> {
    let Query(parameters) = parameters?;
    let body = Body::from_stream(chunks(clients, parameters));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body))
}

fn chunks(clients: Clients, parameters: Parameters) -> impl Stream<Item = serde_json::Result<Bytes>> {
    let Parameters { chunks, ms, to, via } = parameters;
    let call = move || {
        let (clients, to) = (clients.clone(), to.clone());
        async move {
            match to {
                Some(to) => clients.get(&to, via).await.map(Some),
                None => Ok(None),
            }
        }
    };
    stream::iter(1..=chunks.get()).then(move |chunk| {
        let call = call.clone();
        async move {
            if chunk > 1 {
                tokio::time::sleep(Duration::from_millis(ms.get())).await;
            }
            let called = if chunk == chunks.get() { call().await } else { Ok(None) };
            let (downstream, error) = match called {
                Ok(downstream) => (downstream, None),
                Err(failure) => (None, Some(failure.error().to_owned())),
            };
            // Asked for here and not taken along: the context is current in every poll of the body.
            let trace_id = TraceContext::current().map(|context| context.trace_id().to_string());
            line(&Chunk { chunk, trace_id, downstream, error })
        }
    })
}

fn line(chunk: &Chunk) -> serde_json::Result<Bytes> {
    let mut line = serde_json::to_vec(chunk)?;
    line.push(b'\n');
    Ok(line.into())
}
