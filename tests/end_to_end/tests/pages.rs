//! Pages that continue the trace of their request in the browser: `Server-Timing`, `<meta>` tags, and CORS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use axum::Router;
use axum::body::Body;
use axum::response::Html;
use axum::routing::get;
use bytes::Bytes;
use end_to_end::{
    Client, Gate, Protocol, ScriptedBody, Server, Step, ending, recording, recording_with, text,
};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderName, Method, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower_http::cors::CorsLayer;
use trace_core::Outcome::{Cancelled, Complete, Failed};
use trace_core::{TraceContext, Tracer};
use trace_server::{MetaTags, ResponseHeader, TraceServerLayer};

const CALLER: [(&str, &str); 2] = [
    ("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1"),
    ("baggage", "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-release=a%22b,other=mine"),
];

fn page(body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().header(CONTENT_TYPE, "text/html").header(CACHE_CONTROL, "no-store");
    response.body(body.into()).unwrap()
}

async fn get_page(client: &Client, path: &str) -> Response<Incoming> {
    let request = Request::get(path).header(CALLER[0].0, CALLER[0].1).header(CALLER[1].0, CALLER[1].1);
    client.send(request.body(()).unwrap()).await.unwrap()
}

fn timings(response: &Response<Incoming>) -> Vec<String> {
    let lines = response.headers().get_all("server-timing");
    lines.iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn server_timing_names_the_trace_before_the_body_and_before_other_metrics() {
    for &protocol in Protocol::BOTH {
        let (tracer, _transactions) = recording();
        let gate = Gate::default();
        let waiting = gate.clone();
        let stream = async || {
            let span_id = TraceContext::current().unwrap().span_id().to_string();
            let body = ScriptedBody::new([Step::Wait(waiting), Step::Data("a page")]);
            let mut response = page(Body::new(body));
            for line in ["db;dur=5", "broken;desc=\"x"] {
                response.headers_mut().append("server-timing", line.parse().unwrap());
            }
            response.headers_mut().insert("x-span", span_id.parse().unwrap());
            response
        };
        // Twice, as behind `NormalizePath`: the trace is named once.
        let layer = TraceServerLayer::new(tracer).server_timing(true);
        let app = Router::new().route("/", get(stream)).layer(layer.clone()).layer(layer);
        let server = Server::start(protocol, app).await;
        let client = Client::connect(protocol, &server).await;

        let response = get_page(&client, "/").await;
        let span_id = response.headers()["x-span"].to_str().unwrap();
        let trace_id = "771a43a4192642f0b136d5159a501700";
        let ours = format!(
            "sentry-trace;desc=\"{trace_id}-{span_id}-1\", \
             baggage;desc=\"sentry-trace_id={trace_id},sentry-release=a%22b,sentry-sample_rand="
        );
        let lines = timings(&response);
        assert!(lines[0].starts_with(&ours), "{lines:?}");
        assert_eq!(lines[1..], ["db;dur=5", "broken;desc=\"x"]);
        gate.open();
        assert_eq!(text(response).await.unwrap(), "a page");
    }
}

#[tokio::test]
async fn only_pages_of_this_request_name_the_trace() {
    let (tracer, _transactions) = recording();
    let html = |cache: &'static str| {
        async move || ([(CONTENT_TYPE, "text/html"), (CACHE_CONTROL, cache), (ETAG, "\"1\"")], "a page")
    };
    let own = async || ([("server-timing", "sentry-trace;desc=mine")], page("a page"));
    let routes = Router::new()
        .route("/private", get(html("private, no-cache")))
        .route("/public", get(html("public, max-age=60")))
        .route("/silent", get(async || Html("a page")))
        .route("/json", get(async || ([(CACHE_CONTROL, "no-store")], "{}")))
        .route("/own", get(own));
    let off = Tracer::builder().enabled(false).build().unwrap();
    for (tracer, is_added) in [(tracer.clone(), true), (off, false)] {
        let app = routes.clone().layer(TraceServerLayer::new(tracer).server_timing(true));
        let server = Server::start(Protocol::Http1, app).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        let expected = usize::from(is_added);
        for (path, number) in [("/private", expected), ("/public", 0), ("/silent", 0), ("/json", 0)] {
            assert_eq!(timings(&get_page(&client, path).await).len(), number, "{path}");
        }
        assert_eq!(timings(&get_page(&client, "/own").await), ["sentry-trace;desc=mine"]);
    }
    let silent = Server::start(Protocol::Http1, routes.layer(TraceServerLayer::new(tracer))).await;
    let client = Client::connect(Protocol::Http1, &silent).await;
    assert!(timings(&get_page(&client, "/private").await).is_empty(), "nobody asked for it");
}

#[tokio::test]
async fn tags_and_header_show_the_same_frozen_context() {
    let options = Tracer::builder().dsn("https://key@o1.ingest.sentry.io/42").traces_sample_rate(1.0);
    let (tracer, mut transactions) = recording_with(options);
    let handler = async || {
        let tags = MetaTags::current().to_string();
        // Too late for the browser, which has the name of the route.
        let renamed = trace_core::TransactionName::custom("renamed");
        TraceContext::current().unwrap().set_transaction_name(renamed);
        page(tags)
    };
    let layer = TraceServerLayer::new(tracer).server_timing(true);
    let server =
        Server::start(Protocol::Http1, Router::new().route("/{id}", get(handler)).layer(layer)).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    let response = client.send(Request::get("/1").body(()).unwrap()).await.unwrap();
    let lines = timings(&response);
    let tags = text(response).await.unwrap();
    let content = |name: &str| {
        let (_, rest) = tags.split_once(&format!("<meta name=\"{name}\" content=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (trace, baggage) = (content("sentry-trace"), content("baggage"));
    assert_eq!(lines, [format!("sentry-trace;desc=\"{trace}\", baggage;desc=\"{baggage}\"")]);
    assert!(baggage.contains("sentry-transaction=GET%20%2F%7Bid%7D"), "{baggage}");
    let transaction = transactions.next().await;
    let span = format!("{}-{}-1", transaction.trace_id, transaction.root.span_id);
    assert_eq!((transaction.name.as_str(), span), ("renamed", trace));
}

#[tokio::test]
async fn pages_pass_as_they_are_and_end_once() {
    const SIZE: usize = 20 * 1024 * 1024;
    let (tracer, mut transactions) = recording();
    let large = Bytes::from_iter(b"<script nonce=abc>'</script>".iter().copied().cycle().take(SIZE));
    let expected = large.clone();
    let policy = "script-src 'nonce-abc'";
    let with_nonce = async move || ([(CONTENT_SECURITY_POLICY, policy)], page(large));
    // The body goes on when the client has the head.
    let gate = Gate::default();
    let begun = |gate: &Gate, end: Vec<Step>| {
        let begin = [Step::Data("a pa"), Step::Wait(gate.clone())];
        page(Body::new(ScriptedBody::new(begin.into_iter().chain(end))))
    };
    let short_gate = gate.clone();
    let short = async move || {
        let mut response = begun(&short_gate, vec![]);
        response.headers_mut().insert(CONTENT_LENGTH, 6.into());
        response
    };
    let failing_gate = gate.clone();
    let failing = async move || begun(&failing_gate, vec![Step::Fail]);
    let endless = async move || begun(&Gate::default(), vec![]);
    let layer = TraceServerLayer::new(tracer).server_timing(true);
    let app = Router::new()
        .route("/large", get(with_nonce))
        .route("/short", get(short))
        .route("/failing", get(failing))
        .route("/endless", get(endless))
        .layer(layer);
    for &protocol in Protocol::BOTH {
        let server = Server::start(protocol, app.clone()).await;
        for (path, end) in [
            ("/large", (Complete, "ok")),
            ("/short", (Failed, "internal_error")),
            ("/failing", (Failed, "internal_error")),
            ("/endless", (Cancelled, "cancelled")),
        ] {
            let client = Client::connect(protocol, &server).await;
            let mut response = get_page(&client, path).await;
            assert_eq!(timings(&response).len(), 1, "{protocol:?} {path}");
            match path {
                "/large" => {
                    assert_eq!(response.headers()[CONTENT_SECURITY_POLICY], policy);
                    let body = response.into_body().collect().await.unwrap().to_bytes();
                    assert!(body == expected, "{protocol:?}");
                }
                "/endless" => {
                    assert_eq!(response.frame().await.unwrap().unwrap().into_data().unwrap(), "a pa");
                    drop((response, client));
                }
                _ => {
                    gate.open();
                    assert!(text(response).await.is_err(), "{protocol:?} {path}");
                }
            }
            assert_eq!(ending(&transactions.next().await), end, "{protocol:?} {path}");
        }
        server.close().await;
        assert!(transactions.ended().is_empty(), "each ends once");
    }
}

#[tokio::test]
async fn a_preflight_allows_the_headers_of_a_trace_beside_the_services_own() {
    let tracer = Tracer::builder().build().unwrap();
    let trace_id = HeaderName::from_static("x-trace-id");
    let trace = TraceServerLayer::new(tracer)
        .response_header(trace_id.clone(), ResponseHeader::TraceId)
        .server_timing(true);
    let cors = CorsLayer::new()
        .allow_origin(["https://shop.test".parse().unwrap()])
        .allow_methods([Method::POST])
        .allow_headers(trace.cors_allow_headers([CONTENT_TYPE, "Baggage".parse().unwrap()]))
        .expose_headers(trace.cors_expose_headers([ETAG, trace_id]));
    let app = Router::new().route("/", get(async || "an answer")).layer(trace).layer(cors);
    let server = Server::start(Protocol::Http1, app).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    let preflight = Request::options("/")
        .header("origin", "https://shop.test")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "baggage,content-type,sentry-trace");
    let response = client.send(preflight.body(()).unwrap()).await.unwrap();
    assert_eq!(
        response.headers()["access-control-allow-headers"],
        "content-type,baggage,sentry-trace,traceparent,tracestate"
    );
    let request = Request::get("/").header("origin", "https://shop.test").body(()).unwrap();
    let response = client.send(request).await.unwrap();
    assert_eq!(response.headers()["access-control-expose-headers"], "etag,x-trace-id,server-timing");
    assert!(response.headers().contains_key("x-trace-id"));
}
