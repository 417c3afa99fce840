//! Clients whose requests have no host in their URI.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use end_to_end::{Protocol, Server, in_time, recording, sentry_trace, trace_id};
use futures_util::future::join_all;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tower::{Layer, Service, ServiceExt, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{PropagationEvent, TraceExt, Tracer};

use crate::handler::{end, handler};

/// Answers with the `sentry-trace` of the request.
async fn echo(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let line = request.headers().get("sentry-trace").map_or("none", |line| line.to_str().unwrap());
    Ok(Response::new(line.to_owned()))
}

/// A connection of hyper as a Tower service, which hyper itself does not make of it.
struct Connection(http1::SendRequest<Empty<Bytes>>);

impl Service<Request<Empty<Bytes>>> for Connection {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = futures_util::future::BoxFuture<'static, hyper::Result<Response<Incoming>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Empty<Bytes>>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

async fn text(response: Response<impl http_body::Body<Data = Bytes, Error = hyper::Error>>) -> String {
    let body = in_time("a body", response.into_body().collect()).await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_unix_socket_has_the_origin_of_the_layer() {
    let path = std::env::temp_dir().join(format!("origin-{}.sock", std::process::id()));
    let listener = UnixListener::bind(&path).unwrap();
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service_fn(echo));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    let (tracer, mut transactions) = recording();
    let table = [
        ("http://orders.internal", "http://orders.internal/orders/7", 80, true),
        ("https://orders.internal:8443/ignored", "https://orders.internal:8443/orders/7", 8443, true),
        ("http://stranger.test", "http://stranger.test/orders/7", 80, false),
    ];
    for (origin, url, port, is_target) in table {
        let stream = UnixStream::connect(&path).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let layer = TraceClientLayer::new(tracer.clone()).targets([Target::host("orders.internal")]).unwrap();
        let client = layer.origin(origin).unwrap().layer(Connection(sender));
        let handler = handler(&tracer);
        // The header is what the server expects, and decides nothing.
        let request = Request::get("/orders/7?page=2").header("host", "orders.internal");
        let call = client.oneshot(request.body(Empty::new()).unwrap()).in_trace(&handler);
        let answer = text(in_time("a response", call).await.unwrap()).await;
        let spans = end(handler, &mut transactions);
        assert_eq!(answer.contains(&spans[0].span_id.to_string()), is_target, "{origin}: {answer}");
        assert_eq!(answer == "none", !is_target, "{origin}: {answer}");
        assert_eq!(spans[0].description, format!("GET {url}"));
        let text = |name| spans[0].attribute(name).map(ToString::to_string);
        assert_eq!((text("url.full"), text("server.port")), (Some(url.to_owned()), Some(port.to_string())));
    }
    server.abort();
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_uri_with_a_host_is_not_that_of_the_origin() {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let observer = move |event: &PropagationEvent<'_>| {
        if let PropagationEvent::Outgoing { url, .. } = event {
            sender.send(url.to_string()).unwrap();
        }
    };
    let tracer = Tracer::builder().on_propagation(observer).build().unwrap();
    let layer = TraceClientLayer::new(tracer).targets([Target::host("orders.internal")]).unwrap();
    let layer = layer.origin("http://orders.internal").unwrap();
    let table = [
        ("/x", "http://orders.internal/x", true),
        ("*", "http://orders.internal/*", true),
        ("http://stranger.test/x", "http://stranger.test/x", false),
        ("stranger.test:443", "http://stranger.test:443/", false),
    ];
    for (uri, url, is_target) in table {
        let client = layer.layer(service_fn(async |request: Request<String>| {
            let has = request.headers().contains_key("sentry-trace");
            Ok::<_, Infallible>(Response::new(has.to_string()))
        }));
        let mut request = Request::new(String::new());
        *request.uri_mut() = uri.parse::<Uri>().unwrap();
        let response = client.oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, is_target.to_string(), "{uri}");
        assert_eq!(seen.recv().await.unwrap(), url);
    }
}

#[test]
fn an_origin_must_have_a_host() {
    let layer = || TraceClientLayer::new(Tracer::noop());
    for origin in ["", "/", "/path", "http://", "http://a b", "http://a:99999", "unix:///run/x"] {
        let error = layer().origin(origin).unwrap_err();
        assert!(error.to_string().contains("URI with a host"), "{origin}");
    }
    assert!(
        layer().origin("orders.internal:80").is_ok() && layer().origin(Uri::from_static("http://a")).is_ok()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_streams_on_one_connection_keep_to_their_traces() {
    let server = Server::start(Protocol::Http2, service_fn(echo)).await;
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone()).origin(server.url("")).unwrap();
    let client =
        layer.layer(service_fn(move |request: Request<Empty<Bytes>>| sender.clone().send_request(request)));
    let calls = (1..=500).map(|number| {
        let (client, tracer) = (client.clone(), tracer.clone());
        let uri = server.url("/");
        tokio::spawn(async move {
            let context = tracer.continue_trace([("sentry-trace", sentry_trace(number))].as_slice());
            let handler = tracer.service_span("test", "test").in_trace(context).start();
            let request = Request::get(uri).body(Empty::new()).unwrap();
            let call = async { text(client.oneshot(request).await.unwrap()).await };
            let answer = in_time("an answer", call.in_trace(&handler)).await;
            handler.end();
            (number, answer)
        })
    });
    let mut answers = Vec::new();
    for answer in join_all(calls).await {
        let (number, answer) = answer.unwrap();
        assert!(answer.starts_with(&trace_id(number)), "{number}: {answer}");
        answers.push(answer);
    }
    let ended = transactions.ended();
    assert_eq!(ended.len(), 500);
    for transaction in ended {
        let sent = format!("{}-{}-1", transaction.trace_id, transaction.spans[0].span_id);
        assert!(answers.contains(&sent), "{sent}");
    }
}
