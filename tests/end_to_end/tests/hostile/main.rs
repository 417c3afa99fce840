//! Headers that no well-behaved SDK sends: the request is answered all the same, and the context tells what became of
//! its trace.

mod baggage;
mod headers;

use std::convert::Infallible;

use end_to_end::{Client, Protocol, Server, Socket, recording, text};
use http::{HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::Outcome::Complete;
use trace_core::TraceContext;
use trace_server::TraceServerLayer;

use crate::headers::{Row, table};

/// Answers with the reason that the context tells, and the release it has adopted.
async fn reason(_: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let context = TraceContext::current().expect("a context in every handler");
    let release = context.received_sampling_context().and_then(|it| Some(it.get("release")?.into_owned()));
    let answer = format!("{} [{}]", context.continuation(), release.unwrap_or_default());
    Ok(Response::new(answer))
}

#[tokio::test]
async fn no_header_fails_a_request_and_the_context_tells_why() {
    let rows = table();
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let server = Server::start(Protocol::Http1, layer.layer(service_fn(reason))).await;
    for Row { name, headers, continuation, release } in &rows {
        let mut socket = Socket::connect(&server).await;
        socket.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n").await;
        for (header, value) in headers {
            socket.write([header.as_bytes(), b": ", value, b"\r\n"].concat()).await;
        }
        socket.write(b"\r\n").await;
        let response = socket.read_to_end().await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{name}: {response}");
        let (_, answer) = response.split_once("\r\n\r\n").unwrap();
        assert_eq!(answer, format!("{continuation} [{release}]"), "{name}");

        let transaction = transactions.next().await;
        assert_eq!(transaction.outcome, Complete, "{name}");
    }
    server.close().await;
    assert!(transactions.ended().is_empty());
}

/// What fits into the frame in which a server takes headers.
const MAX_BYTES_OF_HTTP2: usize = 12_000;

#[tokio::test]
async fn the_same_over_one_connection_of_http2() {
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let server = Server::start(Protocol::Http2, layer.layer(service_fn(reason))).await;
    let client = Client::connect(Protocol::Http2, &server).await;
    for Row { name, headers, continuation, release } in &table() {
        let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 32).sum();
        if bytes > MAX_BYTES_OF_HTTP2 {
            continue;
        }
        let mut request = Request::get("/").body(()).unwrap();
        for (header, value) in headers {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(HeaderName::from_static(header), value);
        }
        let response = client.send(request).await.unwrap();
        assert_eq!(response.status(), 200, "{name}");
        assert_eq!(text(response).await.unwrap(), format!("{continuation} [{release}]"), "{name}");
        assert_eq!(transactions.next().await.outcome, Complete, "{name}");
    }
    drop(client);
    server.close().await;
    assert!(transactions.ended().is_empty());
}
