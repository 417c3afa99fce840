//! A WebSocket of axum, whose task is spawned where no context is current: the handler takes the trace along.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use end_to_end::{sentry_trace, trace_id};
use futures_util::StreamExt;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use trace_core::{TraceContext, TraceExt, Tracer};
use trace_server::{CurrentTrace, TraceServerLayer};

/// Tells in which trace it runs.
async fn serve(mut socket: WebSocket) {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    let _closed = socket.send(Message::text(trace.unwrap_or_default())).await;
}

async fn handler(CurrentTrace(trace): CurrentTrace, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| serve(socket).in_trace(trace))
}

async fn forgetful(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| serve(socket).in_current_trace())
}

#[tokio::test]
async fn the_socket_belongs_to_the_trace_that_its_handler_took_along() {
    let app = Router::new()
        .route("/kept", get(handler))
        .route("/forgotten", get(forgetful))
        .layer(TraceServerLayer::new(Tracer::builder().build().unwrap()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app).await });
    for (path, expected) in [("kept", trace_id(7)), ("forgotten", String::new())] {
        let mut request = format!("ws://{address}/{path}").into_client_request().unwrap();
        request.headers_mut().insert("sentry-trace", sentry_trace(7).parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let told = socket.next().await.unwrap().unwrap();
        assert_eq!(told.to_text().unwrap(), expected, "{path}");
    }
}
