//! The attributes of a request, and what never is one.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, Socket, recording, sentry_trace};
use http::header::USER_AGENT;
use http::{Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::FinishedTransaction;
use trace_server::TraceServerLayer;

fn attributes(transaction: &FinishedTransaction) -> BTreeMap<&str, String> {
    let data = transaction.root.attributes.iter();
    data.map(|(key, value)| (key.as_ref(), value.to_string())).collect()
}

#[tokio::test]
async fn attributes_follow_the_conventions() {
    for (&protocol, version) in Protocol::BOTH.iter().zip(["1.1", "2"]) {
        let (tracer, mut transactions) = recording();
        let router = Router::new().route("/orders/{id}", get(async || "an order"));
        let server = Server::start(protocol, router.layer(TraceServerLayer::new(tracer))).await;
        let port = server.address().port().to_string();
        let client = Client::connect(protocol, &server).await;
        let request = Request::get("/orders/17?token=s3cret")
            .header(USER_AGENT, "a test")
            .header("sentry-trace", sentry_trace(7));
        client.send(request.body(()).unwrap()).await.unwrap();
        drop(client);
        server.close().await;

        let transaction = transactions.only();
        let expected = [
            ("http.request.method", "GET"),
            ("http.response.status_code", "200"),
            ("http.route", "/orders/{id}"),
            ("network.protocol.version", version),
            ("server.address", "127.0.0.1"),
            ("server.port", port.as_str()),
            ("url.path", "/orders/17"),
            ("user_agent.original", "a test"),
        ];
        let expected = expected.map(|(key, value)| (key, value.to_owned())).into();
        assert_eq!(attributes(&transaction), expected, "{protocol:?}");
        assert_eq!(transaction.root.origin, "auto.http.tower");
        assert_eq!(transaction.root.parent_span_id.unwrap().to_string(), format!("{:016x}", 7));
        assert!(!format!("{transaction:?}").contains("s3cret"), "{protocol:?}: {transaction:#?}");
    }
}

#[tokio::test]
async fn a_query_is_recorded_only_if_asked_for_and_scrubbed() {
    for (is_asked_for, expected) in [(false, None), (true, Some("page=2&api_key=[Filtered]"))] {
        let (tracer, mut transactions) = recording();
        let layer = TraceServerLayer::new(tracer).record_query(is_asked_for);
        let service =
            service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(String::new())));
        let server = Server::start(Protocol::Http1, layer.layer(service)).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        client.get("/list?page=2&api_key=s3cret", &[]).await;

        let transaction = transactions.next().await;
        assert_eq!(transaction.name.as_str(), "GET /list");
        assert_eq!(attributes(&transaction).get("url.query").map(String::as_str), expected);
        assert!(!format!("{transaction:?}").contains("s3cret"), "{transaction:#?}");
    }
}

#[tokio::test]
async fn credentials_in_the_url_are_never_recorded() {
    let requests = [
        "GET http://user:s3cret@shop.test:8080/list HTTP/1.1\r\nhost: shop.test:8080\r\n",
        "GET /list HTTP/1.1\r\nhost: user:s3cret@shop.test:8080\r\n",
    ];
    for request in requests {
        let (tracer, mut transactions) = recording();
        let layer = TraceServerLayer::new(tracer).record_query(true);
        let service =
            service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(String::new())));
        let server = Server::start(Protocol::Http1, layer.layer(service)).await;
        let mut socket = Socket::connect(&server).await;
        socket.write(format!("{request}connection: close\r\n\r\n")).await;
        assert!(socket.read_to_end().await.starts_with("HTTP/1.1 200"), "{request}");

        let transaction = transactions.next().await;
        assert_eq!(transaction.name.as_str(), "GET /list", "{request}");
        let attributes = attributes(&transaction);
        assert_eq!(attributes.get("server.address").map(String::as_str), Some("shop.test"), "{request}");
        assert_eq!(attributes.get("server.port").map(String::as_str), Some("8080"), "{request}");
        assert!(!format!("{transaction:?}").contains("s3cret"), "{transaction:#?}");
    }
}
