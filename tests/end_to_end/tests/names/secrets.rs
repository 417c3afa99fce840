//! User names, passwords and sensitive values of a request's target: nothing of them is recorded or sent.

use std::convert::Infallible;

use end_to_end::{Protocol, Server, Socket, recording};
use http::{Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::TraceContext;
use trace_server::TraceServerLayer;

/// The request line, the lines after it, and the path that is recorded.
const TARGETS: &[(&str, &str, &str)] = &[
    ("//u5er:s3cret@host/p", "", "//host/p"),
    ("//s3cret@host/p", "", "//host/p"),
    ("/proxy/http://u5er:s3cret@host/x", "", "/proxy/http://host/x"),
    ("/proxy/http:/u5er:s3cret@host/x", "", "/proxy/http:/host/x"),
    ("/proxy/http%3A%2F%2Fu5er%3As3cret%40host%2Fx", "", "/proxy/http%3A%2F%2Fhost%2Fx"),
    ("/proxy/http%253A%252F%252Fu5er%253As3cret%2540host", "", "/proxy/http%253A%252F%252Fhost"),
    (
        "/proxy/https%3A%2F%2Fhost%2F%3Ftoken%3Ds3cret",
        "",
        "/proxy/https%3A%2F%2Fhost%2F%3Ftoken%3D[Filtered]",
    ),
    ("http://u5er:s3cret@host/x", "", "/x"),
    ("http://u5er:s3cret@host//u5er:s3cret@host/x", "", "//host/x"),
    ("http://s3cret@host/proxy/http://u5er:s3cret@h/", "", "/proxy/http://h/"),
    ("/x", "host: u5er:s3cret@host\r\n", "/x"),
    ("/x", "host: s3cret@host:80\r\n", "/x"),
    ("/x?next=http%3A%2F%2Fu5er%3As3cret%40host%2F", "", "/x"),
    ("/x?next=https%3A%2F%2Fh%2F%3Ftoken%3Ds3cret&a=1;token=s3cret", "", "/x"),
    ("/x?s3cret", "", "/x"),
];

#[tokio::test]
async fn a_target_is_recorded_without_secrets() {
    for &(target, host, path) in TARGETS {
        for kind in ["text/plain", "application/grpc"] {
            let (tracer, mut transactions) = recording();
            let layer = TraceServerLayer::new(tracer).record_query(true);
            let service = service_fn(async |_: Request<Incoming>| {
                let context = TraceContext::current().expect("a context");
                let sent = format!("{:?}", context.dynamic_sampling_context());
                Ok::<_, Infallible>(Response::new(sent))
            });
            let server = Server::start(Protocol::Http1, layer.layer(service)).await;
            let mut socket = Socket::connect(&server).await;
            let host = if host.is_empty() { "host: host\r\n" } else { host };
            let lines =
                format!("{host}content-type: {kind}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write(format!("POST {target} HTTP/1.1\r\n{lines}")).await;
            let answer = socket.read_to_end().await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");

            let transaction = transactions.next().await;
            let recorded = transaction.root.attribute("url.path").and_then(|path| path.as_str());
            assert_eq!(recorded, Some(path), "{target}");
            assert_eq!(transaction.name.as_str(), format!("POST {path}"), "{target}");
            for text in [format!("{transaction:?}"), answer] {
                assert!(!text.contains("s3cret") && !text.contains("u5er"), "{target}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn an_authority_is_recorded_without_secrets() {
    let (tracer, mut transactions) = recording();
    let service = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(String::new())));
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
    let mut socket = Socket::connect(&server).await;
    socket.write("CONNECT u5er:s3cret@elsewhere.test:443 HTTP/1.1\r\nhost: elsewhere.test\r\n\r\n").await;
    let transaction = transactions.next().await;
    assert_eq!(transaction.name.as_str(), "CONNECT");
    let address = transaction.root.attribute("server.address").and_then(|address| address.as_str());
    assert_eq!(address, Some("elsewhere.test"));
    assert!(!format!("{transaction:?}").contains("s3cret"));
}
