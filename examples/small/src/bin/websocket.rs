//! A WebSocket: the connection has a trace that is linked to its request, and each message carries one.

use std::error::Error;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::{Router, routing::get};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Message as Sent, client::IntoClientRequest};
use trace_client::TraceClientLayer;
use trace_core::{TraceExt, TraceMetadata, Tracer};
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
        let Ok(message) = serde_json::from_str::<Chat>(&text) else { return };
        let span = tracer.service_span("websocket.message", "chat").continuing(&message.metadata).start();
        let answer = format!("{} in trace {}", message.text, span.trace_id());
        let _gone = socket.send(Message::text(answer)).in_span(span).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().traces_sample_rate(1.0).build()?;
    let handler = {
        let tracer = tracer.clone();
        async move |upgrade: WebSocketUpgrade| {
            // Made in the handler: the task of the socket has no current context.
            let connection = tracer.connection("websocket.server");
            upgrade.on_upgrade(connection.serve(|socket| chat(socket, tracer)))
        }
    };
    let app = Router::new().route("/chat", get(handler)).layer(TraceServerLayer::new(tracer.clone()));
    let url = small::serve(app).await?.replace("http", "ws") + "/chat";

    let layer = TraceClientLayer::new(tracer.clone());
    let (mut socket, response) = layer.handshake(url.into_client_request()?, connect_async).await?;
    println!("{}", response.status());

    let click = tracer.service_span("ui.action", "click").start();
    let message = Chat { text: "Hello".to_owned(), metadata: click.context().trace_data().into() };
    socket.send(Sent::text(serde_json::to_string(&message)?)).await?;
    let answer = socket.next().await.ok_or("no answer")??.into_text()?;
    println!("{answer}");
    assert!(answer.ends_with(&click.trace_id().to_string()));
    Ok(())
}
