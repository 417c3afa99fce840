//! A layer outside of the router, which the same layer on the router tells the route.

use std::any::Any;
use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, recording, recording_with};
use http::Response;
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::normalize_path::NormalizePathLayer;
use trace_core::NameSource::{self, Custom, Route, Url};
use trace_core::{FinishedTransaction, TraceContext, Tracer, TransactionName};
use trace_server::{SpanLayer, TraceServerLayer};

/// A handler that answers with the name in the sampling context that it sends.
async fn sent_name() -> String {
    let context = TraceContext::current().expect("a context");
    context.dynamic_sampling_context().get("transaction").unwrap_or_default().into_owned()
}

fn orders() -> Router {
    Router::new().route("/orders/{id}", get(sent_name))
}

fn name(transaction: &FinishedTransaction) -> (&str, NameSource, Option<&str>) {
    let route = transaction.root.attribute("http.route").and_then(|route| route.as_str());
    (transaction.name.as_str(), transaction.name.source(), route)
}

#[tokio::test]
async fn with_axum_serve_and_normalized_paths_the_template_is_the_name() {
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let app = NormalizePathLayer::trim_trailing_slash().layer(orders().layer(layer.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // `axum::serve` takes services that answer with axum's body only.
    let service = ServiceExt::<Request>::map_response(layer.layer(app), |response: Response<_>| {
        response.map(axum::body::Body::new)
    });
    let serving = tokio::spawn(axum::serve(listener, tower::make::Shared::new(service)).into_future());
    let sent = reqwest::get(format!("http://{address}/orders/17/")).await.unwrap().text().await.unwrap();
    let transaction = transactions.next().await;
    assert_eq!(sent, "GET /orders/{id}");
    assert_eq!(name(&transaction), ("GET /orders/{id}", Route, Some("/orders/{id}")));
    let path = transaction.root.attribute("url.path").and_then(|path| path.as_str());
    assert_eq!(path, Some("/orders/17/"), "as the client asked for it");
    serving.abort();
    assert!(transactions.ended().is_empty());
}

type Row = (
    &'static str,
    fn(TraceServerLayer) -> Router,
    &'static str,
    (&'static str, NameSource, Option<&'static str>),
    &'static str,
);

const ROWS: &[Row] = &[
    ("no inner layer", |_| orders(), "/orders/17", ("GET /orders/17", Url, None), ""),
    (
        "a layer",
        |layer| orders().layer(layer),
        "/orders/17",
        ("GET /orders/{id}", Route, Some("/orders/{id}")),
        "GET /orders/{id}",
    ),
    (
        "a route layer",
        |layer| orders().route_layer(layer),
        "/orders/17",
        ("GET /orders/{id}", Route, Some("/orders/{id}")),
        "GET /orders/{id}",
    ),
    (
        "a nested layer",
        |layer| Router::new().nest("/shops/{shop}", orders().layer(layer)),
        "/shops/3/orders/17",
        ("GET /shops/{shop}/orders/{id}", Route, Some("/shops/{shop}/orders/{id}")),
        "GET /shops/{shop}/orders/{id}",
    ),
    (
        "a layer within a span",
        |layer| orders().layer(layer).layer(SpanLayer::middleware("authentication")),
        "/orders/17",
        ("GET /orders/{id}", Route, Some("/orders/{id}")),
        "GET /orders/{id}",
    ),
    (
        "a function of the inner layer",
        |layer| orders().layer(layer.route(|_| Some("/said".into()))),
        "/orders/17",
        ("GET /said", Route, Some("/said")),
        "GET /said",
    ),
    ("a fallback", |layer| orders().layer(layer), "/nowhere", ("GET /nowhere", Url, None), ""),
    (
        "a name set between",
        |layer| {
            let between = MapRequestLayer::new(|request: Request| {
                let context = TraceContext::current().expect("a context");
                context.set_transaction_name(TransactionName::custom("mine"));
                request
            });
            orders().layer(layer).layer(between)
        },
        "/orders/17",
        ("mine", Custom, None),
        "mine",
    ),
    (
        "a raw name set between",
        |layer| {
            let between = MapRequestLayer::new(|request: Request| {
                let context = TraceContext::current().expect("a context");
                context.set_transaction_name(TransactionName::url("mine"));
                request
            });
            orders().layer(layer).layer(between)
        },
        "/orders/17",
        ("mine", Url, None),
        "",
    ),
    (
        "a name set by the handler",
        |layer| {
            let handler = get(async || {
                let context = TraceContext::current().expect("a context");
                context.set_transaction_name(TransactionName::custom("mine"));
                sent_name().await
            });
            Router::new().route("/orders/{id}", handler).layer(layer)
        },
        "/orders/17",
        ("mine", Custom, Some("/orders/{id}")),
        "mine",
    ),
];

#[tokio::test]
async fn an_inner_layer_tells_the_route_unless_the_application_has_named_the_request() {
    for &(case, router, path, expected, sent) in ROWS {
        let (tracer, mut transactions) = recording();
        let layer = TraceServerLayer::new(tracer);
        let server = Server::start(Protocol::Http1, layer.layer(router(layer.clone()))).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        let answer = client.get(path, &[]).await;
        drop(client);
        server.close().await;
        assert_eq!(answer, sent, "{case}");
        assert_eq!(name(&transactions.only()), expected, "{case}");
    }
}

#[tokio::test]
async fn what_is_not_recorded_sends_the_route_all_the_same() {
    let (tracer, mut transactions) = recording_with(Tracer::builder().traces_sample_rate(0.0));
    let layer = TraceServerLayer::new(tracer);
    let server = Server::start(Protocol::Http1, layer.layer(orders().layer(layer.clone()))).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    assert_eq!(client.get("/orders/17", &[]).await, "GET /orders/{id}");
    drop(client);
    server.close().await;
    assert!(transactions.ended().is_empty());
}

/// Panics again when it is dropped.
struct Payload;

impl Drop for Payload {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("on purpose, in the payload"));
    }
}

#[tokio::test]
async fn a_route_function_that_panics_knows_no_route_and_is_counted() {
    let payloads: [fn() -> Box<dyn Any + Send>; 2] = [|| Box::new("on purpose"), || Box::new(Payload)];
    for payload in payloads {
        for is_inner in [false, true] {
            let (tracer, mut transactions) = recording();
            let outer = TraceServerLayer::new(tracer.clone());
            let layer = outer.clone().route(move |_| std::panic::resume_unwind(payload()));
            let service = layer.layer(service_fn(async |_: Request| {
                Ok::<_, Infallible>(Response::new(axum::body::Body::from("well")))
            }));
            let request = Request::get("/orders/17").body(axum::body::Body::empty()).unwrap();
            match is_inner {
                true => drop(outer.layer(service).oneshot(request).await.unwrap()),
                false => drop(service.oneshot(request).await.unwrap()),
            }
            assert_eq!(name(&transactions.only()), ("GET /orders/17", Url, None));
            assert_eq!(tracer.caught_panics(), 1);
        }
    }

    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer).route(|_| std::panic::resume_unwind(Box::new("on purpose")));
    let server = Server::start(Protocol::Http1, orders().layer(layer)).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    assert_eq!(client.get("/orders/17", &[]).await, "GET /orders/{id}");
    drop(client);
    server.close().await;
    assert_eq!(name(&transactions.only()), ("GET /orders/{id}", Route, Some("/orders/{id}")));
}

#[tokio::test]
async fn an_inner_route_function_sees_the_current_context() {
    let (tracer, mut transactions) = recording();
    let outer = TraceServerLayer::new(tracer);
    let inner = outer.clone().route(|_| {
        let context = TraceContext::current()?;
        Some(format!("/{}", context.trace_id()).into())
    });
    let service = service_fn(async |_: Request| Ok::<_, Infallible>(Response::new(String::from("well"))));
    let request = Request::get("/orders/17").body(axum::body::Body::empty()).unwrap();
    drop(outer.layer(inner.layer(service)).oneshot(request).await.unwrap());
    let transaction = transactions.only();
    assert_eq!(transaction.name.as_str(), format!("GET /{}", transaction.trace_id));
}
