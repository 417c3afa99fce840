//! Upgrades and tunnels of hyper on both sides: each exchange ends with its head, and the connection goes on.

use std::convert::Infallible;

use bytes::Bytes;
use end_to_end::{Protocol, Server, ending, in_time, recording};
use http::header::{CONNECTION, UPGRADE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{SendTraced, TraceClientLayer};
use trace_core::{Outcome, SpanStatus, TraceContext, TraceExt, Tracer};
use trace_server::TraceServerLayer;

/// Switches to a protocol in which the server tells in which trace it runs, and waits for the end.
async fn switch(
    tracer: Tracer,
    mut request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    let upgrade = hyper::upgrade::on(&mut request);
    let serve = tracer.connection("tunnel.server").serve(async |upgraded: Upgraded| {
        let trace = TraceContext::current().unwrap().trace_id().to_string();
        let mut io = TokioIo::new(upgraded);
        io.write_all(trace.as_bytes()).await.unwrap();
        assert_eq!(io.read_u8().await.ok(), None, "the client goes");
    });
    tokio::spawn(async move { serve(upgrade.await.unwrap()).await });
    let mut response = Response::new(Empty::new());
    if request.method() != Method::CONNECT {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.headers_mut().insert(CONNECTION, "upgrade".parse().unwrap());
        response.headers_mut().insert(UPGRADE, "trace".parse().unwrap());
    }
    Ok(response)
}

#[tokio::test]
async fn both_sides_end_at_the_head_and_the_connection_is_linked() {
    for method in [Method::GET, Method::CONNECT] {
        let (far_tracer, mut far) = recording();
        let tracer = far_tracer.clone();
        let service = service_fn(move |request| switch(tracer.clone(), request));
        let server = Server::start(Protocol::Http1, TraceServerLayer::new(far_tracer).layer(service)).await;
        let (tracer, mut near) = recording();
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let client = TraceClientLayer::new(tracer.clone()).layer(client);
        let request = match method {
            Method::CONNECT => Request::connect(server.address().to_string()),
            _ => Request::get(server.url("/")).header(CONNECTION, "upgrade").header(UPGRADE, "trace"),
        };

        let caller = tracer.service_span("test", "caller").start();
        let sent = client.oneshot(request.body(Empty::new()).unwrap()).in_trace(caller.context().clone());
        let response = in_time("a head", sent).await.unwrap();
        let status = response.status().as_u16();
        let mut io = TokioIo::new(in_time("the upgrade", hyper::upgrade::on(response)).await.unwrap());
        let mut told = [0; 32];
        in_time("the trace", io.read_exact(&mut told)).await.unwrap();
        let request = far.next().await;
        assert!(far.ended().is_empty(), "{method}: the connection lasts");
        caller.end();
        let span = near.only().spans.remove(0);
        assert_eq!(span.status, Some(SpanStatus::Ok), "{method}");
        assert_eq!(span.attribute("http.response.status_code"), Some(&status.into()), "{method}");
        assert_eq!(ending(&request), (Outcome::Complete, "ok"), "{method}");
        assert_eq!(request.root.parent_span_id, Some(span.span_id), "{method}");

        drop(io);
        let connection = far.next().await;
        assert_eq!(connection.outcome, Outcome::Complete, "{method}");
        assert_eq!(connection.trace_id.to_string().as_bytes(), told, "{method}");
        assert_eq!(connection.root.links[0].span_id, request.root.span_id, "{method}");
    }
}

#[tokio::test]
async fn a_response_of_reqwest_is_upgraded_as_without_a_layer() {
    let (far_tracer, mut far) = recording();
    let switching = far_tracer.clone();
    let service = service_fn(move |request| switch(switching.clone(), request));
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(far_tracer).layer(service)).await;
    let (tracer, mut near) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let caller = tracer.service_span("test", "caller").start();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(server.url("/")).header(CONNECTION, "upgrade").header(UPGRADE, "trace");
    let response = in_time("a head", request.send_traced(&layer).in_trace(&caller)).await.unwrap();
    let mut upgraded = in_time("the upgrade", response.upgrade()).await.unwrap();
    let mut told = [0; 32];
    in_time("the trace", upgraded.read_exact(&mut told)).await.unwrap();
    let request = far.next().await;
    caller.end();
    let span = near.only().spans.remove(0);
    assert_eq!(span.attribute("http.response.status_code"), Some(&101.into()));
    assert_eq!(request.root.parent_span_id, Some(span.span_id));
    drop(upgraded);
    assert_eq!(far.next().await.trace_id.to_string().as_bytes(), told);
}
