//! Requests of HTTP/1 as bytes, in ways in which no client of ours writes them.

use end_to_end::{Protocol, ScriptedBody, Server, Socket, Step, assert_nothing_left, ending, recording};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::{BoxError, Layer, service_fn};
use trace_core::FinishedTransaction;
use trace_core::Outcome::{Complete, Failed};
use trace_server::TraceServerLayer;

use Step::Data;

/// Reads the whole request if the path says so, and answers with a body of unknown length.
async fn answer(request: Request<Incoming>) -> Result<Response<ScriptedBody>, BoxError> {
    if request.uri().path() == "/read" {
        request.into_body().collect().await?;
    }
    Ok(Response::new(ScriptedBody::new([Data("o"), Data("k")])))
}

fn version(transaction: &FinishedTransaction) -> &str {
    transaction.root.attribute("network.protocol.version").and_then(|it| it.as_str()).unwrap_or_default()
}

fn host(transaction: &FinishedTransaction) -> &str {
    transaction.root.attribute("server.address").and_then(|it| it.as_str()).unwrap_or_default()
}

/// What is written, and the name, version and host of each transaction.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

#[tokio::test]
async fn each_request_has_a_transaction_of_its_own() {
    let table: [Row; 8] = [
        ("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", &[("GET /", "1.0", "")]),
        (
            "HTTP/1.0 that is kept alive",
            "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
            &[("GET /", "1.0", "")],
        ),
        (
            "a pipeline",
            "GET / HTTP/1.1\r\nhost: x\r\n\r\nHEAD /b HTTP/1.1\r\nhost: x\r\n\r\n\
            GET /c HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            &[("GET /", "1.1", "x"), ("HEAD /b", "1.1", "x"), ("GET /c", "1.1", "x")],
        ),
        (
            "a body that waits for 100",
            "POST /read HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\nab",
            &[("POST /read", "1.1", "x")],
        ),
        (
            "one that nobody waits for",
            "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\nab",
            &[("POST /", "1.1", "x")],
        ),
        ("no host", "GET / HTTP/1.1\r\nconnection: close\r\n\r\n", &[("GET /", "1.1", "")]),
        (
            "a host with credentials, which is that of the request line",
            "GET http://u:p@b.test:99/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            &[("GET /x", "1.1", "b.test")],
        ),
        (
            "a port that is none",
            "GET http://b.test:99999/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            &[("GET /x", "1.1", "")],
        ),
    ];
    for (name, bytes, expected) in table {
        let (tracer, mut transactions) = recording();
        let server =
            Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service_fn(answer))).await;
        let mut socket = Socket::connect(&server).await;
        socket.write(bytes).await;
        socket.read_to_end().await;
        for expected in expected {
            let transaction = transactions.next().await;
            let found = (transaction.name.as_str(), version(&transaction), host(&transaction));
            assert_eq!(found, *expected, "{name}");
            assert_eq!(ending(&transaction), (Complete, "ok"), "{name}");
        }
        assert_nothing_left(server, &mut transactions).await;
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_fails_only_who_reads_it() {
    let head =
        |path| format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n");
    for (path, expected) in [("/read", (Failed, "internal_error")), ("/", (Complete, "ok"))] {
        for rest in ["zz\r\n", ""] {
            let (tracer, mut transactions) = recording();
            let layer = TraceServerLayer::new(tracer);
            let server = Server::start(Protocol::Http1, layer.layer(service_fn(answer))).await;
            let mut socket = Socket::connect(&server).await;
            socket.write(head(path)).await;
            if path == "/" {
                socket.read_until("0\r\n\r\n").await;
            }
            socket.write(rest).await;
            drop(socket);
            assert_eq!(ending(&transactions.next().await), expected, "{path} {rest:?}");
            assert_nothing_left(server, &mut transactions).await;
        }
    }
}
