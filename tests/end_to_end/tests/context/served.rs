//! Requests that are served inside of another request's context are requests of their own.

use std::convert::Infallible;

use end_to_end::{Client, Protocol, Server, current_trace, recording, sentry_trace, text, trace_id};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceContext, TraceExt};
use trace_server::TraceServerLayer;

/// How a handler serves further requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// A connection, in a task of its own.
    Spawned,
    /// A connection, in the task of the handler.
    Joined,
    /// A connection, within `in_current_trace` in the task of the handler.
    Wrapped,
    /// Without a connection.
    InProcess,
}

const REQUESTS: usize = 2;

fn request(header: Option<&str>) -> Request<Empty<Bytes>> {
    let mut request = Request::get("/inner").header("host", "inner.test");
    if let Some(header) = header {
        request = request.header("sentry-trace", header);
    }
    request.body(Empty::new()).unwrap()
}

/// The traces in which a handler's requests are served.
async fn serve_inside(layer: TraceServerLayer, how: How, header: Option<String>) -> String {
    let answer = service_fn(async |_| Ok::<_, Infallible>(Response::new(current_trace())));
    if how == How::InProcess {
        let service = layer.layer(answer);
        let mut traces = Vec::new();
        for _ in 0..REQUESTS {
            let response = service.clone().oneshot(request(header.as_deref())).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            traces.push(String::from_utf8_lossy(&body).into_owned());
        }
        return traces.join(" ");
    }
    let answer = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(current_trace())));
    let (near, far) = tokio::io::duplex(4096);
    let service = TowerToHyperService::new(layer.layer(answer));
    let serving = server::Builder::new().serve_connection(TokioIo::new(far), service);
    let asking = async move {
        let (mut sender, connection) = client::handshake(TokioIo::new(near)).await.unwrap();
        tokio::spawn(connection);
        let mut traces = Vec::new();
        for _ in 0..REQUESTS {
            sender.ready().await.unwrap();
            let response = sender.send_request(request(header.as_deref())).await.unwrap();
            traces.push(text(response).await.unwrap());
        }
        traces.join(" ")
    };
    match how {
        How::Spawned => {
            let serving = tokio::spawn(serving.in_current_trace());
            let traces = asking.await;
            serving.await.unwrap().unwrap();
            traces
        }
        How::Wrapped => tokio::join!(serving.in_current_trace(), asking).1,
        How::Joined | How::InProcess => tokio::join!(serving, asking).1,
    }
}

struct Row {
    name: &'static str,
    /// `OPTIONS` is not recorded by default.
    method: Method,
    how: &'static [How],
    outer: Option<u32>,
    inner: Option<u32>,
}

const ALL: &[How] = &[How::Spawned, How::Joined, How::Wrapped, How::InProcess];

const ROWS: &[Row] = &[
    Row { name: "no headers", method: Method::GET, how: ALL, outer: None, inner: None },
    Row { name: "the same headers", method: Method::GET, how: ALL, outer: Some(7), inner: Some(7) },
    Row { name: "headers outside only", method: Method::GET, how: ALL, outer: Some(7), inner: None },
    Row { name: "headers inside only", method: Method::GET, how: ALL, outer: None, inner: Some(8) },
    Row { name: "other headers", method: Method::GET, how: ALL, outer: Some(7), inner: Some(8) },
    // In the task itself the very context of an outer request that has no mark is current: no row for that.
    Row {
        name: "no headers in one that is not recorded",
        method: Method::OPTIONS,
        how: &[How::Spawned, How::Wrapped],
        outer: None,
        inner: None,
    },
    Row {
        name: "the same headers in one that is not recorded",
        method: Method::OPTIONS,
        how: &[How::Spawned, How::Wrapped],
        outer: Some(7),
        inner: Some(7),
    },
    Row {
        name: "headers in one that is not recorded",
        method: Method::OPTIONS,
        how: ALL,
        outer: None,
        inner: Some(8),
    },
];

#[tokio::test]
async fn they_are_recorded_in_traces_of_their_own() {
    for row in ROWS {
        for &how in row.how {
            assert_own(row, how, false).await;
        }
    }
}

#[tokio::test]
async fn they_are_so_in_any_request_with_extensions() {
    for row in ROWS {
        for &how in ALL {
            assert_own(row, how, true).await;
        }
    }
}

async fn assert_own(row: &Row, how: How, has_extension: bool) {
    let case = format!("{}, {how:?}", row.name);
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let handler = service_fn({
        let (layer, inner) = (layer.clone(), row.inner);
        move |_: Request<Incoming>| {
            let inside = serve_inside(layer.clone(), how, inner.map(sentry_trace));
            async { Ok::<_, Infallible>(Response::new(inside.await)) }
        }
    });
    let outer = layer.layer(handler).map_request(move |mut request: Request<Incoming>| {
        if has_extension {
            request.extensions_mut().insert("the address of the client");
        }
        request
    });
    let server = Server::start(Protocol::Http1, outer).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    let mut request = Request::builder().method(&row.method).uri("/outer");
    if let Some(outer) = row.outer {
        request = request.header("sentry-trace", sentry_trace(outer));
    }
    let response = client.send(request.body(()).unwrap()).await.unwrap();
    let seen = text(response).await.unwrap();
    let seen: Vec<_> = seen.split(' ').collect();
    drop(client);
    server.close().await;

    let ended = transactions.ended();
    let is_recorded = row.method == Method::GET;
    assert_eq!(ended.len(), REQUESTS + usize::from(is_recorded), "{case}");
    let traces: Vec<_> = ended.iter().map(|ended| ended.trace_id.to_string()).collect();
    assert_eq!(traces[..REQUESTS], seen, "{case}");
    match row.inner {
        Some(inner) => assert_eq!(seen, vec![trace_id(inner); REQUESTS], "{case}"),
        None => {
            assert_ne!(seen[0], seen[1], "{case}");
            if is_recorded {
                assert!(!seen.contains(&&*traces[REQUESTS]), "{case}: not that of the outer request");
            }
        }
    }
}

fn span() -> String {
    TraceContext::current().expect("a context").span_id().to_string()
}

/// A handler that hands its request, with all that came with it, to a service in the same process through the client layer.
#[tokio::test]
async fn a_request_that_leaves_through_the_client_layer_is_served_as_its_own() {
    let targets: [fn(TraceClientLayer) -> TraceClientLayer; 2] =
        [|layer| layer, |layer| layer.targets([Target::host("elsewhere.test")]).unwrap()];
    for (method, recorded) in [(Method::GET, 2), (Method::OPTIONS, 0)] {
        for header in [None, Some(sentry_trace(7))] {
            for targets in targets {
                let case = format!("{method}: {header:?}");
                let (tracer, mut transactions) = recording();
                let layer = TraceServerLayer::new(tracer.clone());
                let inner =
                    service_fn(async |_: Request<Empty<Bytes>>| Ok::<_, Infallible>(Response::new(span())));
                let client = targets(TraceClientLayer::new(tracer)).layer(layer.layer(inner));
                let proxy = service_fn(|request: Request<Empty<Bytes>>| {
                    let (client, outer, case) = (client.clone(), span(), &case);
                    async move {
                        let body = client.oneshot(request).await?.into_body().collect().await?.to_bytes();
                        let inner = String::from_utf8_lossy(&body).into_owned();
                        assert_ne!(inner, outer, "{case}");
                        Ok::<_, Infallible>(Response::new(inner))
                    }
                });
                let mut request = request(header.as_deref());
                *request.method_mut() = method.clone();
                request.extensions_mut().insert("the address of the client");
                let response = layer.layer(proxy).oneshot(request).await.unwrap();
                response.into_body().collect().await.unwrap();
                assert_eq!(transactions.ended().len(), recorded, "{case}");
            }
        }
    }
}
