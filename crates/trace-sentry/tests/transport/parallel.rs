//! Several requests at a time, over connections that are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::post;
use axum::serve::ListenerExt;
use sentry::ClientOptions;
use tokio::sync::Barrier;
use trace_sentry::Transport;

use crate::client::{Tapped, client, counts, error, transaction};
use crate::server::{Mood, Server};

#[test]
fn as_many_requests_are_outstanding_as_the_option_says() {
    for (transport, expected) in
        [(Transport::new(), 64), (Transport::new().max_requests(3), 3), (Transport::new().max_requests(0), 1)]
    {
        let server = Server::start(Mood::Waiting);
        let client = client(&server, transport);
        (0..100).for_each(|_| client.send(transaction(1)));
        assert_eq!(server.wait_for_outstanding(expected), expected);
        server.set_mood(Mood::Quick);
        client.flush();
        assert_eq!(server.wait_for_outstanding(0), expected);
        assert_eq!(server.accepted().len(), 100);
    }
}

#[test]
fn connections_are_kept() {
    let server = Server::start(Mood::Quick);
    let client = client(&server, Transport::new().max_requests(4));
    for _ in 0..50 {
        (0..10).for_each(|_| client.send(error()));
        client.flush();
    }
    assert_eq!(server.accepted().len(), 500);
    // A connection that was begun while another became free is kept as well.
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_http_2_one_connection_carries_all_of_them() {
    let connections = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::new(32));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dsn = format!("http://public@{}/42", listener.local_addr().unwrap());
    let accepted = connections.clone();
    let listener = listener.tap_io(move |_| {
        accepted.fetch_add(1, Ordering::SeqCst);
    });
    // Each request is answered once all of them are there.
    let answer = move || async move {
        barrier.wait().await;
    };
    let app = Router::new().route("/api/42/envelope/", post(answer));
    tokio::spawn(axum::serve(listener, app).into_future());
    let transport = Transport::new().configure(|client| client.http2_prior_knowledge());
    let client = Tapped::new(ClientOptions::new().dsn(&dsn), transport);
    for _ in 0..2 {
        (0..32).for_each(|_| client.send(error()));
        tokio::task::block_in_place(|| client.flush());
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(client.losses(), counts(&[]));
}
