//! `GET /proxy?to=URL[&copy=insert|append][&via=hyper|reqwest]`: the same as `/hop`, with all headers of the request copied
//! to the call, as reverse proxies do.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use serde::Deserialize;
use trace_server::CurrentTrace;

use super::hop::Hop;
use crate::client::{Call, Clients, Via};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::report::Report;

#[derive(Deserialize)]
pub(super) struct Parameters {
    to: Destination,
    #[serde(default)]
    copy: Copying,
    #[serde(default)]
    via: Via,
}

/// What becomes of several lines of one header.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Copying {
    /// The last one is kept.
    #[default]
    Insert,
    /// All are kept.
    Append,
}

/// What belongs to one connection or to one body.
const NOT_COPIED: [HeaderName; 7] =
    [CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

pub(super) async fn proxy(
    State(clients): State<Clients>,
    CurrentTrace(trace): CurrentTrace,
    headers: HeaderMap,
    parameters: Result<Query<Parameters>, QueryRejection>,
) -> Result<Json<Hop>, Failure> {
    let Query(Parameters { to, copy, via }) = parameters?;
    let call = Call { headers: copied(&headers, copy), ..Call::default() };
    let downstream = clients.send(call, &to, via).await?;
    Ok(Json(Hop { report: Report::new(&trace, &headers), downstream }))
}

fn copied(headers: &HeaderMap, copying: Copying) -> HeaderMap {
    let mut copied = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| !NOT_COPIED.contains(name)) {
        match copying {
            Copying::Insert => drop(copied.insert(name, value.clone())),
            Copying::Append => _ = copied.append(name, value.clone()),
        }
    }
    copied
}
