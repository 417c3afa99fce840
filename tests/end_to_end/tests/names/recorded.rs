//! The attributes of a request, and what never is one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, ScriptedBody, Server, Socket, Step, recording, sentry_trace};
use http::header::{CONTENT_LENGTH, USER_AGENT};
use http::{Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::{FinishedTransaction, RequestHead, TraceContext};
use trace_server::{TraceServerLayer, TrustedProxies};

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
        let mut found = attributes(&transaction);
        let first_byte = found.remove("http.request.time_to_first_byte").unwrap();
        let first_byte = Duration::try_from_secs_f64(first_byte.parse().unwrap()).unwrap();
        assert!(first_byte <= transaction.root.duration, "{first_byte:?}");
        let mut expected = BTreeMap::from([
            ("http.request.method", "GET"),
            ("http.response.body.size", "8"),
            ("http.response.status_code", "200"),
            ("http.route", "/orders/{id}"),
            ("network.protocol.version", version),
            ("server.address", "127.0.0.1"),
            ("server.port", port.as_str()),
            ("url.path", "/orders/17"),
            ("user_agent.original", "a test"),
        ]);
        if protocol == Protocol::Http2 {
            expected.insert("url.scheme", "http");
        }
        let found: BTreeMap<_, _> = found.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(found, expected, "{protocol:?}");
        assert_eq!(transaction.root.origin, "auto.http.tower");
        assert_eq!(transaction.root.parent_span_id.unwrap().to_string(), format!("{:016x}", 7));
        assert!(!format!("{transaction:?}").contains("s3cret"), "{protocol:?}: {transaction:#?}");
    }
}

#[tokio::test]
async fn sizes_and_errors_are_those_of_the_end() {
    type Row = (&'static str, fn() -> Response<ScriptedBody>, &'static [(&'static str, &'static str)]);
    let table: [Row; 8] = [
        ("whole", || answer(200, None, vec![Step::Data("abc"), Step::Data("de")]), &[(SIZE, "5")]),
        ("told", || answer(200, Some(5), vec![Step::Data("abc"), Step::Data("de")]), &[(SIZE, "5")]),
        ("too long", || answer(200, Some(4), vec![Step::Data("abcde")]), &[(SIZE, "4")]),
        ("empty", || answer(204, None, vec![Step::Data("never sent")]), &[(SIZE, "0")]),
        ("not found", || answer(404, None, vec![]), &[(SIZE, "0")]),
        ("broken", || answer(503, None, vec![Step::Data("abc")]), &[(SIZE, "3"), (ERROR, "503")]),
        ("short", || answer(200, Some(9), vec![Step::Data("abc")]), &[(SIZE, "3"), (ERROR, "body")]),
        (
            "failing",
            || answer(200, None, vec![Step::Data("abc"), Step::Fail]),
            &[(SIZE, "3"), (ERROR, "body")],
        ),
    ];
    for (name, handler, expected) in table {
        let (tracer, mut transactions) = recording();
        let service = service_fn(move |_: Request<Incoming>| async move { Ok::<_, Infallible>(handler()) });
        let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
        let mut socket = Socket::connect(&server).await;
        socket.write("GET / HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n").await;
        socket.read_to_end().await;
        let transaction = transactions.next().await;
        let found: Vec<_> =
            attributes(&transaction).into_iter().filter(|(key, _)| [SIZE, ERROR].contains(key)).collect();
        let mut expected: Vec<_> = expected.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        expected.sort();
        assert_eq!(found, expected, "{name}");
    }
}

const SIZE: &str = "http.response.body.size";
const ERROR: &str = "error.type";

fn answer(status: u16, length: Option<u64>, steps: Vec<Step>) -> Response<ScriptedBody> {
    let mut response = Response::builder().status(status);
    if let Some(length) = length {
        response = response.header(CONTENT_LENGTH, length);
    }
    response.body(ScriptedBody::new(steps)).unwrap()
}

#[tokio::test]
async fn an_error_that_the_application_names_stays() {
    let (tracer, mut transactions) = recording();
    let service = service_fn(async |_: Request<Incoming>| {
        TraceContext::current().unwrap().set_attribute(ERROR, "out_of_stock");
        Ok::<_, Infallible>(answer(500, None, vec![]))
    });
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
    Client::connect(Protocol::Http1, &server).await.get("/", &[]).await;
    assert_eq!(attributes(&transactions.next().await)[ERROR], "out_of_stock");
}

#[tokio::test]
async fn a_trusted_proxy_tells_the_client_and_a_stranger_does_not() {
    let forwarded = [
        ("x-forwarded-for", "9.9.9.9, 192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "shop.test"),
    ];
    let local = IpAddr::from([127, 0, 0, 1]);
    let peer = move |_: &RequestHead<'_>| Some(local);
    let trusting =
        |layer: TraceServerLayer| layer.trusted_proxies(TrustedProxies::new(["127.0.0.0/8"]).unwrap());
    let panicking = |_: &RequestHead<'_>| panic!("in the function");
    type Options = Box<dyn Fn(TraceServerLayer) -> TraceServerLayer>;
    let table: [(&str, Options, [Option<&str>; 3]); 6] = [
        ("default", Box::new(|layer| layer), [None, None, None]),
        (
            "peer",
            Box::new(move |layer| layer.peer_address(peer).record_client_address(true)),
            [Some("127.0.0.1"), None, None],
        ),
        (
            "trusted",
            Box::new(move |layer| trusting(layer).peer_address(peer).record_client_address(true)),
            [Some("192.0.2.7"), Some("https"), Some("shop.test")],
        ),
        (
            "not recorded",
            Box::new(move |layer| trusting(layer).peer_address(peer)),
            [None, Some("https"), Some("shop.test")],
        ),
        ("no peer", Box::new(move |layer| trusting(layer).record_client_address(true)), [None, None, None]),
        (
            "panic",
            Box::new(move |layer| trusting(layer).peer_address(panicking).record_client_address(true)),
            [None, None, None],
        ),
    ];
    for (name, options, [client, scheme, host]) in table {
        let (tracer, mut transactions) = recording();
        let layer = options(TraceServerLayer::new(tracer));
        let service = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(answer(200, None, vec![])));
        let server = Server::start(Protocol::Http1, layer.layer(service)).await;
        Client::connect(Protocol::Http1, &server).await.get("/", &forwarded).await;
        let transaction = transactions.next().await;
        let found = attributes(&transaction);
        let value = |key| found.get(key).map(String::as_str);
        assert_eq!([value("client.address"), value("url.scheme")], [client, scheme], "{name}");
        assert_eq!(value("server.address"), Some(host.unwrap_or("127.0.0.1")), "{name}");
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
