//! Messages of a WebSocket that carry a trace, and go on in the one that they carry.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::get;
use end_to_end::{in_time, recording, sentry_trace, trace_id};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Sent;
use trace_core::{TraceContext, TraceExt, TraceMetadata, Tracer};
use trace_server::TraceServerLayer;

#[derive(Serialize, Deserialize)]
struct Chat {
    text: String,
    #[serde(default)]
    metadata: TraceMetadata,
}

/// Answers each message in the trace that it carries.
async fn chat(mut socket: WebSocket, tracer: Tracer) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let message: Chat = serde_json::from_str(&text).unwrap();
        let connection = TraceContext::current().unwrap();
        let span = tracer
            .service_span("websocket.message", "chat")
            .continuing(&message.metadata)
            .link(connection.link())
            .start();
        let answer = Chat { metadata: span.context().trace_data().into(), ..message };
        let answer = Message::text(serde_json::to_string(&answer).unwrap());
        let _closed = socket.send(answer).in_span(span).await;
    }
}

#[tokio::test]
async fn each_message_goes_on_in_the_trace_that_it_carries() {
    let (tracer, mut transactions) = recording();
    let connecting = tracer.clone();
    let handler = async move |upgrade: WebSocketUpgrade| {
        let tracer = connecting.clone();
        let connection = connecting.connection("websocket.server");
        upgrade.on_upgrade(connection.serve(|socket| chat(socket, tracer)))
    };
    let app = Router::new().route("/", get(handler)).layer(TraceServerLayer::new(tracer));
    let address = crate::serve(app).await;
    let (mut socket, _) = connect_async(format!("ws://{address}/")).await.unwrap();
    let request = transactions.next().await;

    let carried = format!(r#"{{"text":"a","metadata":{{"sentryTrace":"{}"}}}}"#, sentry_trace(7));
    let rows = [
        ("a trace", carried.as_str(), true),
        ("no metadata", r#"{"text":"a"}"#, false),
        (
            "junk in place of a trace",
            r#"{"text":"a","metadata":{"sentryTrace":"0-0-9","baggage":"=,;"}}"#,
            false,
        ),
        ("junk in place of a text", r#"{"text":"a","metadata":{"sentryTrace":{"a":[]},"baggage":7}}"#, false),
        ("junk in place of the metadata", r#"{"text":"a","metadata":[[],null]}"#, false),
    ];
    let mut connections = Vec::new();
    for (name, text, continues) in rows {
        in_time(name, socket.send(Sent::text(text))).await.unwrap();
        let answer = in_time(name, socket.next()).await.unwrap().unwrap();
        let answer: Chat = serde_json::from_str(answer.to_text().unwrap()).unwrap();
        let message = transactions.next().await;
        assert_eq!(&*message.root.operation, "websocket.message", "{name}");
        assert_eq!(message.trace_id.to_string() == trace_id(7), continues, "{name}");
        let sent = serde_json::to_value(&answer.metadata).unwrap();
        let expected = format!("{}-{}-1", message.trace_id, message.root.span_id);
        assert_eq!(sent["sentryTrace"], expected, "the answer carries the trace on: {name}");
        connections.extend(message.root.links.iter().map(|link| (link.trace_id, link.span_id)));
    }
    in_time("the end", socket.close(None)).await.unwrap();
    let connection = transactions.next().await;
    assert_ne!(connection.trace_id, request.trace_id);
    assert_eq!(connections, vec![(connection.trace_id, connection.root.span_id); 5]);
    assert!(connection.spans.is_empty(), "no tree that grows with each message");
}
