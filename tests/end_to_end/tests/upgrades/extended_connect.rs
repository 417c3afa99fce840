//! WebSockets over HTTP/2 (RFC 8441): a `CONNECT` with a protocol and a path, answered by 200, takes one stream of a
//! connection and leaves the others alone.

use std::collections::BTreeSet;
use std::convert::Infallible;

use end_to_end::{Client, Protocol, Server, Transactions, assert_nothing_left, ending, in_time, recording};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{FinishedSpan, NameSource, Outcome, SpanStatus, TraceExt};
use trace_server::TraceServerLayer;

use crate::web_socket::app;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Opens a socket as part of a caller's trace. Returns it, or the body of a refusal, and the span of the call.
async fn open(client: &Client, url: String, target: Target) -> (Result<Socket, String>, FinishedSpan) {
    let (tracer, mut near) = recording();
    let layer = TraceClientLayer::new(tracer.clone()).targets([target]).unwrap();
    let client = client.clone();
    let send = service_fn(move |request| {
        let client = client.clone();
        async move { client.send(request).await }
    });
    let request = Request::connect(url)
        .version(Version::HTTP_2)
        .extension(hyper::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13");
    let caller = tracer.service_span("test", "caller").start();
    let call = layer.layer(send).oneshot(request.body(()).unwrap()).in_trace(caller.context().clone());
    let response = call.await.unwrap();
    let opened = if response.status() == StatusCode::OK {
        let io = TokioIo::new(in_time("the upgrade", hyper::upgrade::on(response)).await.unwrap());
        Ok(WebSocketStream::from_raw_socket(io, Role::Client, None).await)
    } else {
        let body = in_time("a body", response.into_body().collect()).await.unwrap().to_bytes();
        Err(String::from_utf8_lossy(&body).into_owned())
    };
    caller.end();
    (opened, near.only().spans.remove(0))
}

async fn text(socket: &mut Socket) -> String {
    in_time("a message", socket.next()).await.unwrap().unwrap().to_text().unwrap().to_owned()
}

/// A server of these sockets and one connection to it, on which the server has said that it takes them.
async fn connected() -> (Server, Client, Transactions) {
    let (tracer, mut far) = recording();
    let server = Server::start(Protocol::Http2, app(&tracer)).await;
    let client = Client::connect(Protocol::Http2, &server).await;
    client.get("/kept", &[]).await;
    far.next().await;
    (server, client, far)
}

#[tokio::test]
async fn both_sides_end_at_the_head_and_the_stream_goes_on() {
    let (server, client, mut far) = connected().await;
    for is_closed in [true, false] {
        let url = server.url("/chat/17?q=1");
        let (socket, span) = open(&client, url, Target::origin(server.url(""))).await;
        let mut socket = socket.unwrap();
        let told = text(&mut socket).await;
        let request = far.next().await;
        assert!(far.ended().is_empty(), "the connection lasts");
        assert_eq!((&*span.operation, span.status), ("http.client", Some(SpanStatus::Ok)));
        assert_eq!(span.description, format!("CONNECT {}", server.url("/chat/17")));
        assert_eq!(ending(&request), (Outcome::Complete, "ok"));
        assert_eq!(
            (request.name.as_str(), request.name.source()),
            ("CONNECT /chat/{room}", NameSource::Route)
        );
        assert_eq!(request.root.parent_span_id, Some(span.span_id));
        for attributes in [&span, &request.root] {
            assert_eq!(attributes.attribute("http.request.method"), Some(&"CONNECT".into()));
            assert_eq!(attributes.attribute("http.response.status_code"), Some(&200.into()));
            assert_eq!(attributes.attribute("network.protocol.version"), Some(&"2".into()));
        }
        assert_eq!(request.root.attribute("url.path"), Some(&"/chat/17".into()));

        // The other streams of the connection go on meanwhile, and so does this one.
        client.get("/kept", &[]).await;
        assert_eq!(far.next().await.name.as_str(), "GET /kept");
        in_time("room", socket.send(Message::text("still there"))).await.unwrap();
        if is_closed {
            in_time("the end", socket.close(None)).await.unwrap();
        }
        drop(socket);
        let connection = far.next().await;
        assert_eq!((connection.trace_id.to_string(), connection.outcome), (told, Outcome::Complete));
        assert_ne!(connection.trace_id, request.trace_id);
        assert_eq!(connection.root.links[0].span_id, request.root.span_id);
    }
    drop(client);
    assert_nothing_left(server, &mut far).await;
}

#[tokio::test]
async fn headers_go_to_targets_and_a_refusal_has_a_body() {
    let (server, client, mut far) = connected().await;
    let url = |path| server.url(path);
    let (socket, span) = open(&client, url("/header"), Target::origin(url(""))).await;
    let arrived = text(&mut socket.unwrap()).await;
    assert!(arrived.contains(&span.span_id.to_string()), "a target: {arrived}");
    let (socket, _) = open(&client, url("/header"), Target::host("elsewhere.test")).await;
    assert_eq!(text(&mut socket.unwrap()).await, "", "no target");
    assert_eq!([ending(&far.next().await), ending(&far.next().await)], [(Outcome::Complete, "ok"); 2]);

    let (refusal, span) = open(&client, url("/refused"), Target::origin(url(""))).await;
    assert_eq!(refusal.unwrap_err(), "no");
    assert_eq!(span.status, Some(SpanStatus::PermissionDenied));
    assert_eq!(ending(&far.next().await), (Outcome::Complete, "permission_denied"));
    drop(client);
    assert_nothing_left(server, &mut far).await;
}

#[tokio::test]
async fn a_hundred_sockets_on_one_connection_keep_to_their_traces() {
    let (server, client, mut far) = connected().await;
    let target = || Target::origin(server.url(""));
    let sockets = join_all((0..100).map(|number| {
        let (client, url) = (&client, server.url(&format!("/chat/{number}")));
        async move {
            let (socket, span) = open(client, url, target()).await;
            let mut socket = socket.unwrap();
            (text(&mut socket).await, socket, span)
        }
    }));
    let sockets: Vec<_> = in_time("all sockets", sockets).await;
    for _ in 0..100 {
        let request = far.next().await;
        let is_caller = |span: &FinishedSpan| Some(span.span_id) == request.root.parent_span_id;
        assert!(sockets.iter().any(|(.., span)| is_caller(span)), "{request:#?}");
    }
    let told: BTreeSet<_> = sockets.iter().map(|(told, ..)| told.clone()).collect();
    assert_eq!(told.len(), 100);
    drop(sockets);
    let mut ended = BTreeSet::new();
    for _ in 0..100 {
        ended.insert(far.next().await.trace_id.to_string());
    }
    assert_eq!(told, ended);
    drop(client);
    assert_nothing_left(server, &mut far).await;
}

#[tokio::test]
async fn without_a_route_the_path_names_it() {
    let (tracer, mut far) = recording();
    let service = service_fn(async |_: Request<Incoming>| {
        Ok::<_, Infallible>(Response::builder().status(404).body(String::new()).unwrap())
    });
    let server = Server::start(Protocol::Http2, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(Protocol::Http2, &server).await;
    client.get("/", &[]).await;
    far.next().await;
    let (refusal, _) = open(&client, server.url("/chat/17"), Target::origin(server.url(""))).await;
    refusal.unwrap_err();
    let request = far.next().await;
    assert_eq!((request.name.as_str(), request.name.source()), ("CONNECT /chat/17", NameSource::Url));
}
