//! The response of reqwest in the layer: its span lasts to the last byte, and nothing else of it changes.

use std::convert::Infallible;
use std::io::Read;

use end_to_end::{Protocol, ScriptedBody, Server, Step, in_time, recording};
use http::{Request, Response};
use hyper::body::Incoming;
use reqwest_middleware::ClientBuilder;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{SendTraced, SendTracedBlocking, TraceClientLayer, TraceMiddleware};
use trace_core::{FinishedSpan, SpanStatus, TraceContext, TraceExt, in_current_trace};

use crate::destination::Kind;
use crate::handler::{end, handler};
use crate::lifetimes::gated;

const KINDS: [Kind; 3] = [Kind::Reqwest, Kind::SendTraced, Kind::Middleware];

fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn get(kind: Kind, layer: &TraceClientLayer, url: &str) -> reqwest::Response {
    let call = async {
        match kind {
            Kind::Reqwest => layer.layer(plain()).oneshot(plain().get(url).build().unwrap()).await.unwrap(),
            Kind::SendTraced => plain().get(url).send_traced(layer).await.unwrap(),
            _ => {
                let client = ClientBuilder::new(plain()).with(TraceMiddleware::new(layer.clone())).build();
                client.get(url).send().await.unwrap()
            }
        }
    };
    in_time("a head", call).await
}

fn status(spans: &[FinishedSpan]) -> Option<&'static str> {
    spans.first().map(|span| span.status.map_or("", SpanStatus::as_str))
}

#[tokio::test]
async fn a_span_ends_with_the_last_byte_however_it_is_read() {
    #[derive(Debug, Clone, Copy)]
    enum Reader {
        Text,
        Chunks,
        Drops,
        StillReading,
        Fails,
    }
    let table = [
        (Reader::Text, Some("ok")),
        (Reader::Chunks, Some("ok")),
        (Reader::Drops, Some("ok")),
        (Reader::StillReading, None),
        (Reader::Fails, Some("internal_error")),
    ];
    for kind in KINDS {
        for (reader, expected) in table {
            let (server, gate) = gated(Protocol::Http1).await;
            let (tracer, mut transactions) = recording();
            let layer = TraceClientLayer::new(tracer.clone());
            let handler = handler(&tracer);
            let path = if matches!(reader, Reader::Fails) { "/fails" } else { "/" };
            let mut response = get(kind, &layer, &server.url(path)).in_trace(&handler).await;
            assert_eq!(response.chunk().await.unwrap().unwrap(), "first, ");
            let spans = match reader {
                Reader::Text => {
                    gate.open();
                    assert_eq!(in_time("the rest", response.text()).await.unwrap(), "last");
                    end(handler, &mut transactions)
                }
                Reader::Chunks => {
                    gate.open();
                    assert_eq!(in_time("the rest", response.chunk()).await.unwrap().unwrap(), "last");
                    assert_eq!(in_time("the end", response.chunk()).await.unwrap(), None);
                    let spans = end(handler, &mut transactions);
                    drop(response);
                    spans
                }
                Reader::Fails => {
                    gate.open();
                    let error = in_time("an error", response.bytes()).await.unwrap_err();
                    assert!(error.is_decode() && error.url().unwrap().path() == "/fails", "{error:?}");
                    end(handler, &mut transactions)
                }
                Reader::Drops => {
                    drop(response);
                    end(handler, &mut transactions)
                }
                Reader::StillReading => {
                    let spans = end(handler, &mut transactions);
                    drop(response);
                    spans
                }
            };
            assert_eq!(status(&spans), expected, "{kind:?} {reader:?}");
        }
    }
}

#[tokio::test]
async fn nothing_else_of_a_response_changes() {
    let service = service_fn(async |request: Request<Incoming>| {
        let status = if request.uri().path() == "/missing" { 404 } else { 200 };
        let response = Response::builder().status(status).header("x-kept", "1");
        let body = ScriptedBody::new([Step::Data("[1,2]")]).telling_size();
        Ok::<_, Infallible>(response.body(body).unwrap())
    });
    let server = Server::start(Protocol::Http1, service).await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    for kind in KINDS {
        let handler = handler(&tracer);
        let url = server.url("/numbers?page=2");
        let calls = async {
            let response = get(kind, &layer, &url).await;
            assert_eq!((response.url().as_str(), response.content_length()), (url.as_str(), Some(5)));
            assert_eq!(
                (response.version(), response.remote_addr()),
                (http::Version::HTTP_11, Some(server.address()))
            );
            assert_eq!(response.headers()["x-kept"], "1");
            assert_eq!(response.json::<Vec<u8>>().await.unwrap(), [1, 2], "{kind:?}");
            let missing = get(kind, &layer, &server.url("/missing")).await;
            let error = missing.error_for_status().unwrap_err();
            assert_eq!(error.url().unwrap().path(), "/missing");
            // The context of the call is not that of who reads the body, nor does it stay behind.
            assert_eq!(TraceContext::current().map(|context| context.span_id()), Some(handler.span_id()));
        };
        calls.in_trace(&handler).await;
        let spans = end(handler, &mut transactions);
        assert_eq!(spans.len(), 2);
        assert_eq!(spans[1].status, Some(SpanStatus::NotFound), "{kind:?}: its body is dropped unread");
    }
}

#[tokio::test]
async fn a_timeout_in_the_body_stays_one() {
    let (server, _gate) = gated(Protocol::Http1).await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let handler = handler(&tracer);
    let request = plain().get(server.url("/")).timeout(std::time::Duration::from_secs(2));
    let response = request.send_traced(&layer).in_trace(&handler).await.unwrap();
    assert!(in_time("a timeout", response.text()).await.unwrap_err().is_timeout());
    assert_eq!(status(&end(handler, &mut transactions)), Some("internal_error"));
}

#[tokio::test]
async fn a_blocking_response_is_the_same_to_its_last_byte() {
    let (server, gate) = gated(Protocol::Http1).await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    for reads in [true, false] {
        let handler = handler(&tracer);
        let (layer, gate, url) = (layer.clone(), gate.clone(), server.url("/?q"));
        let address = server.address();
        let work = handler.scope(|| {
            in_current_trace(move || {
                let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
                let mut response = client.get(&url).send_traced(&layer).unwrap();
                assert_eq!((response.url().as_str(), response.status().as_u16()), (url.as_str(), 200));
                assert_eq!(response.remote_addr(), Some(address));
                let mut first = [0; 7];
                response.read_exact(&mut first).unwrap();
                assert_eq!(&first, b"first, ");
                if reads {
                    gate.open();
                    let mut rest = String::new();
                    response.read_to_string(&mut rest).unwrap();
                    assert_eq!(rest, "last");
                    return None;
                }
                Some(response)
            })
        });
        let response = in_time("a response", tokio::task::spawn_blocking(work)).await.unwrap();
        assert_eq!(status(&end(handler, &mut transactions)), reads.then_some("ok"));
        tokio::task::spawn_blocking(move || drop(response)).await.unwrap();
    }
    // The server's half of the second response still waits.
    gate.open();
}
