//! gRPC is called by its path once it is known to be gRPC: a caller's content type alone changes nothing.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use end_to_end::{Client, Protocol, Server, recording, recording_with};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Frame;
use std::sync::{Arc, Mutex};
use tower::{Layer, ServiceExt, service_fn};
use trace_core::NameSource::{self, Custom, Route, Url};
use trace_core::{FinishedTransaction, TraceContext, Tracer, TransactionName};
use trace_server::TraceServerLayer;

use Answer::{Echo, EmptyGrpc, Grpc, HeadAndMessage, HeadAndTrailers, Html, NoStatus, TrailersOnly};

/// How a service answers.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// As gRPC, with this status in the trailers.
    Grpc(&'static str),
    /// As gRPC, with this status in the trailers, but no message.
    EmptyGrpc(&'static str),
    /// As gRPC, with this status in the head.
    TrailersOnly(&'static str),
    /// As gRPC, with a status in the head and another in the trailers.
    HeadAndTrailers(&'static str, &'static str),
    /// As gRPC, with this status in the head and a message all the same.
    HeadAndMessage(&'static str),
    /// As gRPC, without a status.
    NoStatus,
    /// With the content type of the request.
    Echo,
    Html,
}

/// Answers, with the name in the outgoing sampling context as a header.
async fn answer(answer: Answer, request: Request<Body>) -> Response<Body> {
    let context = TraceContext::current().expect("a context");
    let sent = context.dynamic_sampling_context().get("transaction").unwrap_or_default().into_owned();
    let status = |code| HeaderMap::from_iter([(GRPC_STATUS, HeaderValue::from_static(code))]);
    let message = || Frame::data(bytes::Bytes::from("a message"));
    let frames = |frames: Vec<Frame<bytes::Bytes>>| {
        let frames = futures_util::stream::iter(frames.into_iter().map(Ok::<_, std::convert::Infallible>));
        Response::new(Body::new(http_body_util::StreamBody::new(frames)))
    };
    let mut response = match answer {
        Grpc(code) => frames(vec![message(), Frame::trailers(status(code))]),
        EmptyGrpc(code) => frames(vec![Frame::trailers(status(code))]),
        TrailersOnly(_) => Response::new(Body::empty()),
        HeadAndTrailers(_, code) => frames(vec![Frame::trailers(status(code))]),
        HeadAndMessage(_) => frames(vec![message()]),
        NoStatus | Echo | Html => frames(vec![message()]),
    };
    if let TrailersOnly(code) | HeadAndTrailers(code, _) | HeadAndMessage(code) = answer {
        response.headers_mut().extend(status(code));
    }
    let kind = match answer {
        Echo => request.headers()[CONTENT_TYPE].clone(),
        Html => HeaderValue::from_static("text/html"),
        _ => HeaderValue::from_static("application/grpc"),
    };
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().insert("x-transaction", HeaderValue::try_from(sent).unwrap());
    response
}

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// A request with the content type of gRPC, and how it was recorded, with the name that left in the middle of it.
async fn recorded(path: &str, app: impl FnOnce(TraceServerLayer) -> Router) -> (FinishedTransaction, String) {
    let (tracer, mut transactions) = recording();
    let server = Server::start(Protocol::Http2, app(TraceServerLayer::new(tracer))).await;
    let client = Client::connect(Protocol::Http2, &server).await;
    let request = Request::post(path).header(CONTENT_TYPE, "application/grpc+proto");
    let response = client.send(request.body(()).unwrap()).await.unwrap();
    let sent = response.headers()["x-transaction"].to_str().unwrap().to_owned();
    response.into_body().collect().await.unwrap();
    drop(client);
    server.close().await;
    (transactions.only(), sent)
}

struct Row {
    name: &'static str,
    /// The route that matches; without one it is a fallback.
    route: Option<&'static str>,
    path: &'static str,
    answer: Answer,
    expected: (&'static str, NameSource),
    is_grpc: bool,
    /// The name in the sampling context that leaves before the answer.
    sent: &'static str,
}

const METHOD: &str = "/shop.Inventory/Get";
const UNPROVEN: &str = "POST /shop.Inventory/Get";
const WILDCARD: Option<&str> = Some("/shop.Inventory/{*rest}");
const MATCHED: &str = "POST /shop.Inventory/{*rest}";
const ORDERS: Option<&str> = Some("/orders/{id}");

const ROWS: &[Row] = &[
    Row {
        name: "a method",
        route: None,
        path: METHOD,
        answer: Grpc("0"),
        expected: (METHOD, Route),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a method that fails",
        route: None,
        path: METHOD,
        answer: Grpc("16"),
        expected: (METHOD, Route),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a method that fails without a message",
        route: None,
        path: METHOD,
        answer: EmptyGrpc("13"),
        expected: (METHOD, Route),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a method that fails at once",
        route: None,
        path: METHOD,
        answer: TrailersOnly("5"),
        expected: (METHOD, Route),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a refusal that may be of a middleware",
        route: None,
        path: METHOD,
        answer: TrailersOnly("16"),
        expected: (UNPROVEN, Url),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "an unknown method",
        route: None,
        path: METHOD,
        answer: TrailersOnly("12"),
        expected: (UNPROVEN, Url),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "an unknown method, said in trailers",
        route: None,
        path: METHOD,
        answer: Grpc("12"),
        expected: (UNPROVEN, Url),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "an unknown method, said at last",
        route: None,
        path: METHOD,
        answer: HeadAndTrailers("0", "12"),
        expected: (UNPROVEN, Url),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a method, said at last",
        route: None,
        path: METHOD,
        answer: HeadAndTrailers("12", "0"),
        expected: (METHOD, Route),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a status that is not the last",
        route: None,
        path: METHOD,
        answer: HeadAndTrailers("0", "abc"),
        expected: (UNPROVEN, Url),
        is_grpc: false,
        sent: "",
    },
    Row {
        name: "a status that is not all",
        route: None,
        path: METHOD,
        answer: HeadAndMessage("0"),
        expected: (UNPROVEN, Url),
        is_grpc: true,
        sent: "",
    },
    Row {
        name: "a method without status",
        route: None,
        path: METHOD,
        answer: NoStatus,
        expected: (UNPROVEN, Url),
        is_grpc: false,
        sent: "",
    },
    Row {
        name: "a method with an unreadable status",
        route: None,
        path: METHOD,
        answer: Grpc("abc"),
        expected: (UNPROVEN, Url),
        is_grpc: false,
        sent: "",
    },
    Row {
        name: "no gRPC",
        route: None,
        path: "/orders/17",
        answer: Html,
        expected: ("POST /orders/17", Url),
        is_grpc: false,
        sent: "",
    },
    Row {
        name: "an echo",
        route: None,
        path: "/orders/17",
        answer: Echo,
        expected: ("POST /orders/17", Url),
        is_grpc: false,
        sent: "",
    },
    Row {
        name: "a method in tonic's router",
        route: WILDCARD,
        path: METHOD,
        answer: Grpc("0"),
        expected: (MATCHED, Route),
        is_grpc: true,
        sent: MATCHED,
    },
    Row {
        name: "an unknown method in it",
        route: WILDCARD,
        path: METHOD,
        answer: TrailersOnly("12"),
        expected: (MATCHED, Route),
        is_grpc: true,
        sent: MATCHED,
    },
    Row {
        name: "no gRPC below a wildcard",
        route: WILDCARD,
        path: METHOD,
        answer: Html,
        expected: (MATCHED, Route),
        is_grpc: false,
        sent: MATCHED,
    },
    Row {
        name: "a file that is gRPC",
        route: Some("/files/{*rest}"),
        path: "/files/17",
        answer: Grpc("0"),
        expected: ("POST /files/{*rest}", Route),
        is_grpc: true,
        sent: "POST /files/{*rest}",
    },
    Row {
        name: "c03",
        route: ORDERS,
        path: "/orders/17",
        answer: Html,
        expected: ("POST /orders/{id}", Route),
        is_grpc: false,
        sent: "POST /orders/{id}",
    },
    Row {
        name: "c03 with an echo",
        route: ORDERS,
        path: "/orders/17",
        answer: Echo,
        expected: ("POST /orders/{id}", Route),
        is_grpc: false,
        sent: "POST /orders/{id}",
    },
    Row {
        name: "c03 with an answer",
        route: ORDERS,
        path: "/orders/17",
        answer: Grpc("0"),
        expected: ("POST /orders/{id}", Route),
        is_grpc: true,
        sent: "POST /orders/{id}",
    },
];

fn assert_kind(transaction: &FinishedTransaction, is_grpc: bool, case: &str) {
    let expected = match is_grpc {
        true => ("grpc.server", "auto.grpc.tower"),
        false => ("http.server", "auto.http.tower"),
    };
    assert_eq!((&*transaction.root.operation, &*transaction.root.origin), expected, "{case}");
}

#[tokio::test]
async fn a_path_is_a_route_only_if_a_method_answered() {
    for row in ROWS {
        let name = row.name;
        let (transaction, sent) = recorded(row.path, |layer| {
            let kind = row.answer;
            let handler = any(async move |request| answer(kind, request).await);
            match row.route {
                Some(route) => Router::new().route(route, handler),
                None => Router::new().fallback(handler),
            }
            .layer(layer)
        })
        .await;
        assert_eq!((transaction.name.as_str(), transaction.name.source()), row.expected, "{name}");
        assert_kind(&transaction, row.is_grpc, name);
        assert_eq!(sent, row.sent, "{name}");
        let attribute = transaction.root.attribute("http.route").and_then(|it| it.as_str());
        assert_eq!(attribute, row.route, "{name}");
        // What left stays; it was frozen then.
        let later =
            transaction.dynamic_sampling_context().get("transaction").unwrap_or_default().into_owned();
        assert_eq!(later, row.sent, "{name}");
    }
}

#[tokio::test]
async fn what_the_application_says_stays() {
    let (transaction, sent) = recorded(METHOD, |layer| {
        let layer = layer.route(|_| Some("/inventory".into()));
        Router::new().fallback(any(async |request| answer(Grpc("0"), request).await)).layer(layer)
    })
    .await;
    assert_eq!((transaction.name.as_str(), transaction.name.source()), ("POST /inventory", Route));
    assert_eq!(sent, "POST /inventory");
    assert_kind(&transaction, true, "a function");

    let (transaction, sent) = recorded(METHOD, |layer| {
        let handler = any(async |request| {
            let context = TraceContext::current().expect("a context");
            context.set_transaction_name(TransactionName::custom("mine"));
            context.set_operation("rpc");
            context.set_origin("manual");
            answer(Grpc("0"), request).await
        });
        Router::new().fallback(handler).layer(layer)
    })
    .await;
    assert_eq!((transaction.name.as_str(), transaction.name.source()), ("mine", Custom));
    assert_eq!((&*transaction.root.operation, &*transaction.root.origin), ("rpc", "manual"));
    assert_eq!(sent, "mine");
}

/// Without a sampling context that has left, the one of the transaction has the name.
#[tokio::test]
async fn the_name_of_a_method_enters_a_sampling_context_that_is_open() {
    let (tracer, mut transactions) = recording();
    let service = TraceServerLayer::new(tracer).layer(service_fn(async |_: Request<Body>| {
        let mut response = Response::new(Body::empty());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        response.headers_mut().insert(GRPC_STATUS, HeaderValue::from_static("0"));
        Ok::<_, std::convert::Infallible>(response)
    }));
    let request = Request::post(METHOD).header(CONTENT_TYPE, "application/grpc").body(Body::empty()).unwrap();
    service.oneshot(request).await.unwrap();
    let transaction = transactions.only();
    assert_eq!(transaction.dynamic_sampling_context().get("transaction").as_deref(), Some(METHOD));
}

#[tokio::test]
async fn a_sampler_sees_a_path_and_no_kind_that_the_caller_chose() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let options = Tracer::builder().traces_sampler({
        let seen = seen.clone();
        move |context| {
            seen.lock().unwrap().push(format!("{} {}", context.operation(), context.name()));
            Some(1.0)
        }
    });
    let (tracer, mut transactions) = recording_with(options);
    let service = TraceServerLayer::new(tracer)
        .layer(service_fn(async |request| Ok::<_, std::convert::Infallible>(answer(Html, request).await)));
    let request = Request::post(METHOD).header(CONTENT_TYPE, "application/grpc").body(Body::empty()).unwrap();
    // Given up, it was not answered as gRPC.
    drop(service.oneshot(request).await.unwrap());
    assert_eq!(*seen.lock().unwrap(), [format!("http.server {UNPROVEN}")]);
    assert_eq!(transactions.only().name, TransactionName::url(UNPROVEN));
}

#[tokio::test]
async fn a_status_in_a_head_counts_only_once_the_answer_is_all_there() {
    for (frames, expected) in [(1, TransactionName::route(METHOD)), (0, TransactionName::url(UNPROVEN))] {
        let (tracer, mut transactions) = recording();
        let service = TraceServerLayer::new(tracer).layer(service_fn(async |_: Request<Body>| {
            // A body that does not say that it is at its end.
            let body = http_body_util::StreamBody::new(futures_util::stream::empty::<
                Result<Frame<bytes::Bytes>, std::convert::Infallible>,
            >());
            let mut response = Response::new(body);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
            response.headers_mut().insert(GRPC_STATUS, HeaderValue::from_static("0"));
            Ok::<_, std::convert::Infallible>(response)
        }));
        let request =
            Request::post(METHOD).header(CONTENT_TYPE, "application/grpc").body(Body::empty()).unwrap();
        let mut body = service.oneshot(request).await.unwrap().into_body();
        for _ in 0..frames {
            assert!(body.frame().await.is_none());
        }
        drop(body);
        assert_eq!(transactions.only().name, expected, "after {frames} polls");
    }
}
