//! The route templates of axum as names, wherever the layer stands.

use std::convert::Infallible;

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, ending, recording};
use http::{Method, Request, Response};
use tower::{Layer, service_fn};
use trace_core::NameSource::{self, Route, Url};
use trace_core::Outcome::Complete;
use trace_server::TraceServerLayer;

struct Row {
    name: &'static str,
    router: fn(TraceServerLayer) -> Router,
    method: Method,
    path: &'static str,
    expected: (&'static str, NameSource),
    status: &'static str,
}

const TABLE: &[Row] = &[
    Row {
        name: "a route",
        router: |layer| orders().layer(layer),
        method: Method::GET,
        path: "/orders/17?full=yes",
        expected: ("GET /orders/{id}", Route),
        status: "ok",
    },
    Row {
        name: "a route layer",
        router: |layer| orders().route_layer(layer),
        method: Method::GET,
        path: "/orders/17",
        expected: ("GET /orders/{id}", Route),
        status: "ok",
    },
    Row {
        name: "a method that the route does not have",
        router: |layer| orders().layer(layer),
        method: Method::POST,
        path: "/orders/17",
        expected: ("POST /orders/{id}", Route),
        status: "invalid_argument",
    },
    Row {
        name: "a nested route",
        router: |layer| Router::new().nest("/shops/{shop}", orders()).layer(layer),
        method: Method::GET,
        path: "/shops/3/orders/17",
        expected: ("GET /shops/{shop}/orders/{id}", Route),
        status: "ok",
    },
    Row {
        name: "a nested route with the layer inside",
        router: |layer| Router::new().nest("/shops/{shop}", orders().layer(layer)),
        method: Method::GET,
        path: "/shops/3/orders/17",
        expected: ("GET /shops/{shop}/orders/{id}", Route),
        status: "ok",
    },
    Row {
        name: "a nested fallback with the layer inside",
        router: |layer| {
            let shop = orders().fallback(get(async || "found")).layer(layer);
            Router::new().nest("/shops/{shop}", shop)
        },
        method: Method::GET,
        path: "/shops/3/nowhere",
        expected: ("GET /shops/3/nowhere", Url),
        status: "ok",
    },
    Row {
        name: "a nested service, whose routes axum does not know",
        router: |layer| Router::new().nest_service("/files", found()).layer(layer),
        method: Method::GET,
        path: "/files/a.txt",
        expected: ("GET /files/a.txt", Url),
        status: "ok",
    },
    Row {
        name: "a fallback",
        router: |layer| orders().layer(layer),
        method: Method::GET,
        path: "/nowhere",
        expected: ("GET /nowhere", Url),
        status: "not_found",
    },
    Row {
        name: "a fallback of one's own",
        router: |layer| orders().fallback(get(async || "found")).layer(layer),
        method: Method::GET,
        path: "/nowhere",
        expected: ("GET /nowhere", Url),
        status: "ok",
    },
    Row {
        name: "a layer outside of the router, before anything is matched",
        router: |layer| Router::new().fallback_service(layer.layer(orders())),
        method: Method::GET,
        path: "/orders/17",
        expected: ("GET /orders/17", Url),
        status: "ok",
    },
];

fn orders() -> Router {
    Router::new().route("/orders/{id}", get(async || "an order"))
}

fn found() -> Router {
    Router::new().fallback_service(service_fn(async |_: Request<_>| {
        Ok::<_, Infallible>(Response::new("found".to_owned()))
    }))
}

#[tokio::test]
async fn the_template_is_the_name_where_axum_knows_it() {
    for row in TABLE {
        let name = row.name;
        let (tracer, mut transactions) = recording();
        let server = Server::start(Protocol::Http1, (row.router)(TraceServerLayer::new(tracer))).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        let request = Request::builder().method(&row.method).uri(row.path);
        client.send(request.body(()).unwrap()).await.unwrap();
        drop(client);
        server.close().await;

        let transaction = transactions.only();
        let (text, source) = row.expected;
        assert_eq!((transaction.name.as_str(), transaction.name.source()), row.expected, "{name}");
        assert_eq!(transaction.root.operation, "http.server", "{name}");
        assert_eq!(ending(&transaction), (Complete, row.status), "{name}");
        let path = transaction.root.attribute("url.path").and_then(|path| path.as_str());
        assert_eq!(path, row.path.split('?').next(), "{name}");
        // Only a name that many requests share is an attribute, and enters the dynamic sampling context.
        let template = (source == Route).then(|| text.split_once(' ').unwrap().1);
        let attribute = transaction.root.attribute("http.route").and_then(|route| route.as_str());
        assert_eq!(attribute, template, "{name}");
        let sampling_context = transaction.dynamic_sampling_context();
        assert_eq!(sampling_context.get("transaction").as_deref(), template.map(|_| text), "{name}");
    }
}
