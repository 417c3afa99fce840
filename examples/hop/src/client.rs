//! The two clients with which hop calls on, each with the trace layer round it.

use std::error::Error;
use std::time::Duration;

use axum::BoxError;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::{Layer, ServiceExt};
use trace_client::{TraceClient, TraceClientLayer};

use crate::destination::Destination;
use crate::failure::Failure;

/// Longer calls and answers are given up, so that no request hangs.
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The client to call with.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Via {
    #[default]
    Hyper,
    Reqwest,
}

/// What is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Clone)]
pub(crate) struct Clients {
    hyper: TraceClient<HyperClient<HttpConnector, Full<Bytes>>>,
    reqwest: TraceClient<reqwest::Client>,
}

/// What the called service answered.
#[derive(Serialize)]
pub(crate) struct Answer {
    status: u16,
    body: Value,
}

impl Clients {
    pub(crate) fn new(layer: &TraceClientLayer) -> reqwest::Result<Self> {
        // As hyper's client does: neither redirects nor the environment change where a call goes.
        let reqwest =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let hyper = HyperClient::builder(TokioExecutor::new()).build_http();
        Ok(Self { hyper: layer.layer(hyper), reqwest: layer.layer(reqwest) })
    }

    pub(crate) async fn get(&self, to: &Destination, via: Via) -> Result<Answer, Failure> {
        self.send(Call::default(), to, via).await
    }

    pub(crate) async fn send(&self, call: Call, to: &Destination, via: Via) -> Result<Answer, Failure> {
        let call = async {
            match via {
                Via::Hyper => read(self.send_with_hyper(call, to).await?).await,
                Via::Reqwest => read(self.send_with_reqwest(call, to).await?).await,
            }
        };
        match tokio::time::timeout(TIMEOUT, call).await {
            Ok(answer) => answer.map_err(|error| Failure::bad_gateway(with_causes(error.as_ref()))),
            Err(_) => Err(Failure::bad_gateway(format!("no answer within {TIMEOUT:?}"))),
        }
    }

    async fn send_with_hyper(
        &self,
        call: Call,
        to: &Destination,
    ) -> Result<Response<impl Body<Data = Bytes, Error: Into<BoxError>>>, BoxError> {
        let mut request = Request::new(Full::new(call.body));
        *request.method_mut() = call.method;
        *request.uri_mut() = to.uri.clone();
        *request.headers_mut() = call.headers;
        Ok(self.hyper.clone().oneshot(request).await?)
    }

    async fn send_with_reqwest(
        &self,
        call: Call,
        to: &Destination,
    ) -> Result<Response<reqwest::Body>, BoxError> {
        let mut request = reqwest::Request::new(call.method, to.url.clone());
        *request.headers_mut() = call.headers;
        if !call.body.is_empty() {
            *request.body_mut() = Some(call.body.into());
        }
        Ok(self.reqwest.clone().oneshot(request).await?.into())
    }
}

/// Reads an answer to its end; one that is no JSON counts as text.
async fn read<B>(response: Response<B>) -> Result<Answer, BoxError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let (head, body) = response.into_parts();
    let bytes = Limited::new(body, MAX_ANSWER_BYTES).collect().await?.to_bytes();
    let text = || String::from_utf8_lossy(&bytes).into_owned().into();
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
    Ok(Answer { status: head.status.as_u16(), body })
}

/// The error with what caused it: the outermost one of a client says only that the request failed.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
