//! A way in which a request ends, and what such requests and responses are made of.

use end_to_end::{Gate, Protocol, ScriptedBody, Step};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tower::BoxError;
use trace_core::Outcome;

use Step::{Data, Trailers, Wait};

pub(crate) type Handled = Result<Response<ScriptedBody>, BoxError>;

/// A way in which a request ends.
pub(crate) struct Ending {
    pub(crate) name: &'static str,
    pub(crate) protocols: &'static [Protocol],
    pub(crate) request: fn() -> Request<()>,
    pub(crate) handler: fn(Gate) -> Handled,
    /// What the client gets; `None` if it gets an error in place of the rest.
    pub(crate) received: Option<&'static str>,
    pub(crate) outcome: Outcome,
    pub(crate) status: &'static str,
}

pub(crate) fn request(method: Method, path: &str) -> Request<()> {
    Request::builder().method(method).uri(path).body(()).expect("a request")
}

pub(crate) fn get() -> Request<()> {
    request(Method::GET, "/")
}

pub(crate) fn connect() -> Request<()> {
    request(Method::CONNECT, "elsewhere.test:443")
}

pub(crate) fn grpc() -> Request<()> {
    let mut request = request(Method::POST, "/shop.Orders/Get");
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    request.headers_mut().insert("te", HeaderValue::from_static("trailers"));
    request
}

pub(crate) fn halves(gate: Gate) -> ScriptedBody {
    ScriptedBody::new([Data("first, "), Wait(gate), Data("last")])
}

pub(crate) fn endless() -> ScriptedBody {
    ScriptedBody::new([Wait(Gate::default()), Data("never sent")])
}

pub(crate) fn checksum() -> HeaderMap {
    HeaderMap::from_iter([("x-checksum".parse().expect("a name"), HeaderValue::from_static("17"))])
}

pub(crate) fn grpc_status(code: &'static str) -> Step {
    let name = "grpc-status".parse().expect("a name");
    Trailers(HeaderMap::from_iter([(name, HeaderValue::from_static(code))]))
}

pub(crate) fn grpc_response(body: ScriptedBody) -> Handled {
    with_header(Response::new(body), CONTENT_TYPE.as_str(), "application/grpc")
}

pub(crate) fn with_header(
    mut response: Response<ScriptedBody>,
    name: &'static str,
    value: &'static str,
) -> Handled {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    Ok(response)
}

pub(crate) fn with_status(mut response: Response<ScriptedBody>, status: StatusCode) -> Handled {
    *response.status_mut() = status;
    Ok(response)
}
