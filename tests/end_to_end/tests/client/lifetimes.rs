//! When the span of a call ends, and how.

use std::convert::Infallible;

use bytes::Bytes;
use collector::Nobody;
use end_to_end::{Gate, Protocol, ScriptedBody, Server, Step, in_time, recording};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{TraceClient, TraceClientLayer};
use trace_core::{SpanStatus, TraceExt, Tracer};

use crate::destination::{Destination, HyperClient, Kind, hyper_client};
use crate::handler::{end, handler};

/// A server whose response body has a gate in it.
pub(crate) async fn gated(protocol: Protocol) -> (Server, Gate) {
    let gate = Gate::default();
    let service = service_fn({
        let gate = gate.clone();
        move |request: Request<Incoming>| {
            let last = if request.uri().path() == "/fails" { Step::Fail } else { Step::Data("last") };
            let body = ScriptedBody::new([Step::Data("first, "), Step::Wait(gate.clone()), last]);
            std::future::ready(Ok::<_, Infallible>(Response::new(body)))
        }
    });
    (Server::start(protocol, service).await, gate)
}

fn client(tracer: &Tracer) -> TraceClient<HyperClient> {
    TraceClientLayer::new(tracer.clone()).layer(hyper_client())
}

fn get(url: String) -> Request<Empty<Bytes>> {
    Request::get(url).body(Empty::new()).unwrap()
}

/// How the response is treated after its first frame.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    ReadsOn,
    Drops,
    StillReading,
}

#[tokio::test]
async fn with_hyper_a_span_ends_with_the_body() {
    let table = [
        ("/", Reader::ReadsOn, Some("ok")),
        ("/fails", Reader::ReadsOn, Some("internal_error")),
        // A client may take as much of a body as it likes.
        ("/", Reader::Drops, Some("ok")),
        // It has not ended when its transaction does, and is no part of it.
        ("/", Reader::StillReading, None),
    ];
    for (path, reader, expected) in table {
        let (server, gate) = gated(Protocol::Http1).await;
        let (tracer, mut transactions) = recording();
        let handler = handler(&tracer);
        let call = client(&tracer).oneshot(get(server.url(path))).in_trace(&handler);
        let mut response = in_time("a head", call).await.unwrap();
        assert!(response.frame().await.unwrap().is_ok());

        let spans = match reader {
            Reader::ReadsOn => {
                gate.open();
                let rest = in_time("the rest", response.into_body().collect()).await;
                assert_eq!(rest.is_err(), path == "/fails");
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
        let status = spans.first().map(|span| span.status.map_or("", SpanStatus::as_str));
        assert_eq!(status, expected, "{path} {reader:?}");
        assert!(transactions.ended().is_empty(), "{path} {reader:?}: it ends once");
    }
}

#[tokio::test]
async fn a_call_that_cannot_connect_fails_and_one_that_is_given_up_is_cancelled() {
    let nobody = Nobody::bind();
    // It listens, but never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}/", silent.local_addr().unwrap());

    for kind in [Kind::Hyper, Kind::Reqwest, Kind::SendTraced, Kind::Reqwest012, Kind::Middleware] {
        let destination = Destination::start().await;
        let (tracer, mut transactions) = recording();
        let layer = TraceClientLayer::new(tracer.clone());

        let refused = handler(&tracer);
        let request = Request::get(format!("http://{}/", nobody.address)).body(()).unwrap();
        let call = destination.send(kind, &layer, request).in_trace(&refused);
        assert!(call.await.is_err());
        let spans = end(refused, &mut transactions);
        assert_eq!(spans[0].status, Some(SpanStatus::InternalError), "{kind:?}");

        let given_up = handler(&tracer);
        let request = Request::get(&silent_url).body(()).unwrap();
        let call = destination.send(kind, &layer, request).in_trace(&given_up);
        tokio::select! {
            _ = call => panic!("there is no answer"),
            connected = silent.accept() => drop(connected),
        }
        let spans = end(given_up, &mut transactions);
        assert_eq!(spans[0].status, Some(SpanStatus::Cancelled), "{kind:?}");
    }
}
