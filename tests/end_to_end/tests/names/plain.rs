//! Names without a router of axum: a function of the request, odd methods.

use std::convert::Infallible;

use end_to_end::{Client, Protocol, Server, Transactions, current_trace, recording, sentry_trace, trace_id};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::NameSource::{Route, Url};
use trace_core::{FinishedTransaction, Tracer};
use trace_server::TraceServerLayer;

async fn serve(protocol: Protocol, layer: TraceServerLayer) -> Server {
    let service =
        service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(current_trace())));
    Server::start(protocol, layer.layer(service)).await
}

async fn recorded(
    protocol: Protocol,
    layer: impl FnOnce(Tracer) -> TraceServerLayer,
    request: http::request::Builder,
) -> FinishedTransaction {
    let (tracer, mut transactions) = recording();
    let server = serve(protocol, layer(tracer)).await;
    let client = Client::connect(protocol, &server).await;
    client.send(request.body(()).unwrap()).await.unwrap();
    drop(client);
    server.close().await;
    transactions.only()
}

#[tokio::test]
async fn a_function_names_the_route_on_plain_hyper() {
    let layer = |tracer| {
        TraceServerLayer::new(tracer).route(|request| {
            let mut parts = request.uri().path().split('/').skip(1);
            (parts.next() == Some("orders")).then(|| "/orders/{id}".into())
        })
    };
    let table = [
        ("/orders/17", ("GET /orders/{id}", Route), Some("/orders/{id}")),
        ("/elsewhere/17", ("GET /elsewhere/17", Url), None),
    ];
    for &protocol in Protocol::BOTH {
        for (path, expected, route) in table {
            let transaction = recorded(protocol, layer, Request::get(path)).await;
            assert_eq!((transaction.name.as_str(), transaction.name.source()), expected, "{protocol:?}");
            let attribute = transaction.root.attribute("http.route").and_then(|it| it.as_str());
            assert_eq!(attribute, route, "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn an_unknown_method_is_recorded_but_names_nothing() {
    for &protocol in Protocol::BOTH {
        let request = Request::builder().method("BREW").uri("/pot");
        let transaction = recorded(protocol, TraceServerLayer::new, request).await;
        assert_eq!((transaction.name.as_str(), transaction.name.source()), ("HTTP /pot", Url));
        let text = |key| transaction.root.attribute(key).and_then(|it| it.as_str());
        assert_eq!(text("http.request.method"), Some("_OTHER"));
        assert_eq!(text("http.request.method_original"), Some("BREW"));
    }
}

#[tokio::test]
async fn connect_has_no_path_to_be_called_by() {
    for &protocol in Protocol::BOTH {
        let request = Request::builder().method(Method::CONNECT).uri("elsewhere.test:443");
        let transaction = recorded(protocol, TraceServerLayer::new, request).await;
        assert_eq!((transaction.name.as_str(), transaction.name.source()), ("CONNECT", Url));
    }
}

#[tokio::test]
async fn options_are_not_recorded_unless_asked_for_but_served_in_their_trace() {
    for is_asked_for in [false, true] {
        let (tracer, mut transactions) = recording();
        let layer = TraceServerLayer::new(tracer).trace_options_requests(is_asked_for);
        let server = serve(Protocol::Http1, layer).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        let request = Request::options("/").header("sentry-trace", sentry_trace(7));
        let response = client.send(request.body(()).unwrap()).await.unwrap();
        assert_eq!(end_to_end::text(response).await.unwrap(), trace_id(7));
        drop(client);
        server.close().await;
        assert_options(is_asked_for, &mut transactions);
    }
}

fn assert_options(is_asked_for: bool, transactions: &mut Transactions) {
    let ended = transactions.ended();
    let names: Vec<_> = ended.iter().map(|ended| ended.name.as_str()).collect();
    let expected: &[&str] = if is_asked_for { &["OPTIONS /"] } else { &[] };
    assert_eq!(names, expected);
}
