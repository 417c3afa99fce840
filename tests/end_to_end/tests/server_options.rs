//! The options of the server layer that are no names: the decision of the application, and headers of the response.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server};
use http::{HeaderName, HeaderValue, Request};
use trace_core::{InMemorySink, TraceContext, Tracer};
use trace_server::{ResponseHeader, TraceServerLayer};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

#[tokio::test]
async fn the_application_decides_before_everyone_else() {
    // The rate, the answer of the hook, the caller's decision, and whether the request is recorded.
    let table = [
        (1.0, "yes", "-0", true),
        (0.0, "yes", "", true),
        (1.0, "no", "-1", false),
        (1.0, "silent", "-0", false),
        (0.0, "silent", "-1", true),
        (1.0, "panic", "", true),
    ];
    for (rate, answer, caller, expected) in table {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(rate).sink(sink.clone()).build().unwrap();
        let layer =
            TraceServerLayer::new(tracer.clone()).sample(|request| {
                match request.headers()["x-answer"].to_str().unwrap() {
                    "yes" => Some(true),
                    "no" => Some(false),
                    "silent" => None,
                    _ => panic!("in the hook"),
                }
            });
        let flag = async || TraceContext::current().unwrap().sampled().unwrap().to_string();
        let server = Server::start(Protocol::Http1, Router::new().route("/", get(flag)).layer(layer)).await;
        let client = Client::connect(Protocol::Http1, &server).await;
        let request = Request::get("/")
            .header("x-answer", answer)
            .header("sentry-trace", format!("{TRACE}-b72fa28504b07285{caller}"));
        client.send(request.body(()).unwrap()).await.unwrap();
        drop(client);
        server.close().await;
        assert_eq!(sink.take().len(), usize::from(expected), "{rate}, {answer}, {caller}");
        assert_eq!(tracer.caught_panics(), u64::from(answer == "panic"));
    }
}

#[tokio::test]
async fn a_response_names_its_trace_only_if_asked_to() {
    let name = HeaderName::from_static;
    let own = async || {
        let span_id = TraceContext::current().map(|context| context.span_id().to_string());
        (
            [("x-own", "of the handler"), ("x-span", &*span_id.unwrap_or_default())]
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())),
            "an order",
        )
    };
    for enabled in [true, false] {
        let tracer = Tracer::builder().enabled(enabled).build().unwrap();
        let silent = TraceServerLayer::new(tracer.clone());
        let talking = silent
            .clone()
            .response_header(name("x-trace-id"), ResponseHeader::TraceId)
            .response_header(name("traceparent"), ResponseHeader::Traceparent)
            .response_header(name("x-trace-reason"), ResponseHeader::Continuation)
            .response_header(name("x-own"), ResponseHeader::TraceId);
        for (layer, talks) in [(silent, false), (talking, true)] {
            let server =
                Server::start(Protocol::Http1, Router::new().route("/", get(own)).layer(layer)).await;
            let client = Client::connect(Protocol::Http1, &server).await;
            let (trace, w3c) =
                (format!("{TRACE}-b72fa28504b07285-1"), format!("00-{TRACE}-b72fa28504b07285-01"));
            for (header, reason) in [
                (Some(("sentry-trace", &*trace)), "continued: sentry-trace, the caller sent no dynamic"),
                (Some(("sentry-trace", "no trace")), "new: the trace header is malformed"),
                (Some(("traceparent", &*w3c)), "new: no trace header came in, but a traceparent"),
                (Some(("baggage", "sentry-release=1")), "new: no trace header came in, but a baggage"),
                (None, "new: no trace header came in"),
            ] {
                let mut request = Request::get("/").body(()).unwrap();
                request
                    .headers_mut()
                    .extend(header.map(|(key, value)| (name(key), HeaderValue::from_str(value).unwrap())));
                let response = client.send(request).await.unwrap();
                let value = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
                assert_eq!(value("x-own"), Some("of the handler"));
                if !(enabled && talks) {
                    let names = ["x-trace-id", "traceparent", "x-trace-reason"];
                    assert!(names.iter().all(|name| value(name).is_none()), "{:?}", response.headers());
                    continue;
                }
                assert!(value("x-trace-reason").unwrap().starts_with(reason), "{:?}", response.headers());
                let (trace_id, traceparent) = (value("x-trace-id").unwrap(), value("traceparent").unwrap());
                assert_eq!(trace_id == TRACE, reason.starts_with("continued"));
                let flag = if trace_id == TRACE { "01" } else { "00" };
                assert_eq!(traceparent, format!("00-{trace_id}-{}-{flag}", value("x-span").unwrap()));
            }
            drop(client);
            server.close().await;
        }
    }
}
