//! WebSockets of axum, whose task is spawned where no context is current, and of tokio-tungstenite.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get};
use end_to_end::{Transactions, ending, in_time, recording, sentry_trace, trace_id};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{client_async, connect_async};
use trace_client::{Target, TraceClientLayer};
use trace_core::{NameSource, Outcome, SpanStatus, TraceContext, TraceExt, Tracer};
use trace_server::{CurrentTrace, TraceServerLayer};

/// Tells in which trace it runs, and waits until the client goes.
async fn tell(mut socket: WebSocket) {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    let _closed = socket.send(Message::text(trace.unwrap_or_default())).await;
    while let Some(Ok(_)) = socket.recv().await {}
}

pub(crate) fn app(tracer: &Tracer) -> Router {
    let connecting = tracer.clone();
    let linked = async move |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(connecting.connection("websocket.server").serve(tell))
    };
    let kept = async |CurrentTrace(trace): CurrentTrace, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(|socket| tell(socket).in_trace(trace))
    };
    let forgotten =
        async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(|socket| tell(socket).in_current_trace());
    let header = async |headers: HeaderMap, upgrade: WebSocketUpgrade| {
        let text = headers.get("sentry-trace").map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
        upgrade.on_upgrade(async |mut socket: WebSocket| _ = socket.send(Message::text(text)).await)
    };
    Router::new()
        .route("/chat/{room}", any(linked))
        .route("/kept", get(kept))
        .route("/forgotten", get(forgotten))
        .route("/header", any(header))
        .route("/refused", any(async || (StatusCode::FORBIDDEN, "no")))
        .layer(TraceServerLayer::new(tracer.clone()))
}

/// A handshake by hand, as any client makes it.
async fn open(address: SocketAddr, path: &str) -> (tokio_tungstenite::WebSocketStream<TcpStream>, String) {
    let mut request = format!("ws://{address}/{path}").into_client_request().unwrap();
    request.headers_mut().insert("sentry-trace", sentry_trace(7).parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = in_time("the handshake", client_async(request, stream)).await.unwrap();
    let told = in_time("a message", socket.next()).await.unwrap().unwrap();
    (socket, told.to_text().unwrap().to_owned())
}

#[tokio::test]
async fn the_socket_belongs_to_the_trace_that_its_handler_took_along() {
    let address = crate::serve(app(&Tracer::builder().build().unwrap())).await;
    for (path, expected) in [("kept", trace_id(7)), ("forgotten", String::new())] {
        assert_eq!(open(address, path).await.1, expected, "{path}");
    }
}

/// The transactions of the request and of the connection, whose client goes in some way.
async fn connection(go: impl AsyncFnOnce(tokio_tungstenite::WebSocketStream<TcpStream>)) {
    let (tracer, mut transactions) = recording();
    let address = crate::serve(app(&tracer)).await;
    let (socket, told) = open(address, "chat/17").await;
    let request = transactions.next().await;
    assert_eq!((request.trace_id.to_string(), ending(&request)), (trace_id(7), (Outcome::Complete, "ok")));
    assert!(transactions.ended().is_empty(), "the connection lasts");
    go(socket).await;
    let connection = transactions.next().await;
    assert_eq!((connection.trace_id.to_string(), connection.outcome), (told, Outcome::Complete));
    assert_ne!(connection.trace_id, request.trace_id);
    assert_eq!(&*connection.root.operation, "websocket.server");
    assert_eq!((connection.name.as_str(), connection.name.source()), ("GET /chat/{room}", NameSource::Route));
    let links = connection.root.links.iter().map(|link| (link.trace_id, link.span_id)).collect::<Vec<_>>();
    assert_eq!(links, [(request.trace_id, request.root.span_id)]);
    assert!(transactions.ended().is_empty(), "it ends once");
}

#[tokio::test]
async fn a_connection_lasts_until_its_client_closes_it() {
    connection(async |mut socket| socket.close(None).await.unwrap()).await;
}

#[tokio::test]
async fn a_connection_that_dies_half_open_ends_once() {
    // Without a close frame: the client sends no more but still listens.
    connection(async |mut socket| socket.get_mut().shutdown().await.unwrap()).await;
    // Within a frame.
    connection(async |mut socket| {
        socket.get_mut().write_all(b"\x81\xfe\x01").await.unwrap();
        drop(socket);
    })
    .await;
}

/// The transaction of a caller that opens a socket with `layer`, and the header that arrived.
async fn handshake(layer: &TraceClientLayer, tracer: &Tracer, url: &str) -> String {
    let request = url.into_client_request().unwrap();
    let caller = tracer.service_span("test", "caller").start();
    let opened = caller.scope(|| layer.handshake(request, connect_async));
    let Ok((mut socket, _)) = in_time("the handshake", opened).await else { return "refused".to_owned() };
    let told = in_time("a message", socket.next()).await.unwrap().unwrap();
    told.to_text().unwrap().to_owned()
}

fn sent(near: &mut Transactions) -> trace_core::FinishedSpan {
    let mut spans = near.only().spans;
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans.remove(0)
}

#[tokio::test]
async fn a_handshake_is_a_request_like_any_other() {
    let address = crate::serve(app(&Tracer::noop())).await;
    let (tracer, mut near) = recording();
    let layer = |target: Target| TraceClientLayer::new(tracer.clone()).targets([target]).unwrap();
    let url = format!("ws://{address}/header");

    let target = layer(Target::origin(format!("http://{address}")));
    let arrived = handshake(&target, &tracer, &url).await;
    let span = sent(&mut near);
    assert!(arrived.contains(&span.span_id.to_string()), "a target: {arrived}");
    assert_eq!((&*span.operation, span.status), ("http.client", Some(SpanStatus::Ok)));
    assert_eq!(span.attribute("http.response.status_code"), Some(&101.into()));
    assert_eq!(&*span.description, format!("GET {url}"));

    assert_eq!(handshake(&layer(Target::host("elsewhere.test")), &tracer, &url).await, "", "no target");
    sent(&mut near);

    let refused = format!("ws://{address}/refused");
    assert_eq!(handshake(&target, &tracer, &refused).await, "refused");
    assert_eq!(sent(&mut near).status, Some(SpanStatus::InternalError));
}
