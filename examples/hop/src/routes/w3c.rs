//! `POST /w3c`: what W3C's test harness for Trace Context asks of a service. The body is a list of URLs, each with
//! arguments that are posted to it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use crate::client::{Answer, Call, Clients, Via};
use crate::destination::Destination;
use crate::failure::Failure;

#[derive(Deserialize)]
pub(super) struct Callback {
    url: Destination,
    #[serde(default)]
    arguments: Value,
}

pub(super) async fn w3c(
    State(clients): State<Clients>,
    callbacks: Result<Json<Vec<Callback>>, JsonRejection>,
) -> Result<Json<Vec<Answer>>, Failure> {
    let Json(callbacks) = callbacks?;
    let mut answers = Vec::with_capacity(callbacks.len());
    for Callback { url, arguments } in callbacks {
        let json = HeaderValue::from_static("application/json");
        let call = Call {
            method: Method::POST,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
            body: Bytes::from(arguments.to_string()),
        };
        answers.push(clients.send(call, &url, Via::Hyper).await?);
    }
    Ok(Json(answers))
}
