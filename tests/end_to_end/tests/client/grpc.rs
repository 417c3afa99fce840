//! Calls of gRPC as client and server record them: both as tonic sees them.

use bytes::Bytes;
use end_to_end::{Gate, Protocol, ScriptedBody, Server, Step, in_time, recording};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use trace_client::TraceClientLayer;
use trace_core::{AttributeValue, FinishedSpan, SpanStatus, TraceExt};
use trace_server::TraceServerLayer;

use crate::handler::{end, handler};

/// Where a status of gRPC stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Head(&'static str),
    Trailers(&'static str),
    /// Trailers without it.
    OtherTrailers,
    Nowhere,
}

use Place::{Head, Nowhere, OtherTrailers, Trailers};

/// The HTTP status, the status of gRPC, the status on both sides, and the code that is recorded.
const READ: &[(u16, Place, &str, Option<i64>)] = &[
    (200, Trailers("0"), "ok", Some(0)),
    (200, Trailers("5"), "not_found", Some(5)),
    (200, Trailers("16"), "unauthenticated", Some(16)),
    (200, Head("0"), "ok", Some(0)),
    (200, Head("12"), "unimplemented", Some(12)),
    (200, Nowhere, "unknown_error", None),
    (200, OtherTrailers, "unknown_error", None),
    (200, Trailers("abc"), "unknown_error", None),
    (200, Trailers("00"), "unknown_error", None),
    (200, Trailers("05"), "unknown_error", None),
    (200, Trailers("17"), "unknown_error", None),
    (200, Trailers("99"), "unknown_error", None),
    (200, Trailers("-1"), "unknown_error", None),
    (200, Trailers("+1"), "unknown_error", None),
    (200, Trailers(""), "unknown_error", None),
    (200, Head("abc"), "unknown_error", None),
    (200, Head("00"), "unknown_error", None),
    (400, Nowhere, "internal_error", None),
    (401, Nowhere, "unauthenticated", None),
    (403, Nowhere, "permission_denied", None),
    (404, Nowhere, "unimplemented", None),
    (429, OtherTrailers, "unavailable", None),
    (500, Nowhere, "unknown_error", None),
    (502, Nowhere, "unavailable", None),
    (503, OtherTrailers, "unavailable", None),
    (504, Nowhere, "unavailable", None),
    (503, Trailers("7"), "permission_denied", Some(7)),
    (503, Trailers("x"), "unknown_error", None),
    (503, Head("0"), "ok", Some(0)),
];

fn trailers(name: &'static str, value: &'static str) -> Step {
    Step::Trailers(HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
}

fn response(status: u16, place: Place) -> Response<ScriptedBody> {
    let message = Step::Data("a message");
    let body = match place {
        Head(_) => ScriptedBody::default().telling_end(),
        Trailers(code) => ScriptedBody::new([message, trailers("grpc-status", code)]),
        OtherTrailers => ScriptedBody::new([message, trailers("x-checksum", "17")]),
        Nowhere => ScriptedBody::new([message]),
    };
    let mut response = grpc(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Head(code) = place {
        response.headers_mut().insert("grpc-status", HeaderValue::from_static(code));
    }
    response
}

fn grpc(body: ScriptedBody) -> Response<ScriptedBody> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// What the client does with a response.
#[derive(Debug, Clone, Copy)]
enum Reader {
    Reads,
    DropsAfterAFrame,
    DropsAfterTheHead,
    LeavesBeforeTheHead,
}

/// The spans of the client and of the server of one call.
async fn call(
    reader: Reader,
    answer: impl Fn() -> Option<Response<ScriptedBody>> + Clone + Send + 'static,
) -> [FinishedSpan; 2] {
    let (far_tracer, mut far) = recording();
    let arrived = Gate::default();
    let service = service_fn({
        let arrived = arrived.clone();
        move |_: Request<Incoming>| {
            arrived.open();
            let answer = answer();
            async move {
                match answer {
                    Some(response) => Ok::<_, BoxError>(response),
                    None => std::future::pending().await,
                }
            }
        }
    });
    let server = Server::start(Protocol::Http2, TraceServerLayer::new(far_tracer).layer(service)).await;
    let (tracer, mut near) = recording();
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Empty<Bytes>>();
    let client = TraceClientLayer::new(tracer.clone()).layer(client);
    let mut request = Request::post(server.url("/shop.Orders/Get")).body(Empty::new()).unwrap();
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc+proto"));

    let handler = handler(&tracer);
    let sent = client.oneshot(request).in_trace(&handler);
    match reader {
        Reader::Reads => {
            let response = in_time("a head", sent).await.unwrap();
            in_time("the end", response.into_body().collect()).await.unwrap();
        }
        Reader::DropsAfterAFrame => {
            let mut response = in_time("a head", sent).await.unwrap();
            in_time("a frame", response.frame()).await.unwrap().unwrap();
        }
        Reader::DropsAfterTheHead => drop(in_time("a head", sent).await.unwrap()),
        Reader::LeavesBeforeTheHead => tokio::select! {
            _ = sent => panic!("there is no answer"),
            () = in_time("the request", arrived.opened()) => {}
        },
    }
    let far = far.next().await;
    let near = end(handler, &mut near).remove(0);
    [near, far.root]
}

fn status(span: &FinishedSpan) -> &'static str {
    span.status.map_or("", SpanStatus::as_str)
}

#[tokio::test]
async fn both_sides_see_the_status_that_tonic_sees() {
    for &(code, place, expected, grpc_code) in READ {
        for span in call(Reader::Reads, move || Some(response(code, place))).await {
            let case = format!("{code} {place:?}, {}", span.operation);
            assert_eq!(status(&span), expected, "{case}");
            let recorded = span.attribute("rpc.grpc.status_code");
            assert_eq!(recorded, grpc_code.map(AttributeValue::Integer).as_ref(), "{case}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_before_its_status_is_cancelled_on_both_sides() {
    let endless = || Some(grpc(ScriptedBody::new([Step::Data("a message"), Step::Wait(Gate::default())])));
    for span in call(Reader::DropsAfterAFrame, endless).await {
        assert_eq!(status(&span), "cancelled", "{}", span.operation);
    }
    for span in call(Reader::DropsAfterTheHead, endless).await {
        assert_eq!(status(&span), "cancelled", "{}", span.operation);
    }
    for span in call(Reader::LeavesBeforeTheHead, || None).await {
        assert_eq!(status(&span), "cancelled", "{}", span.operation);
    }
}

#[tokio::test]
async fn a_status_in_the_head_counts_though_nobody_reads_on() {
    for span in call(Reader::DropsAfterTheHead, || Some(response(200, Head("5")))).await {
        assert_eq!(status(&span), "not_found", "{}", span.operation);
    }
}

#[tokio::test]
async fn a_client_that_gets_no_answer_of_grpc_sees_what_tonic_infers() {
    for (code, expected) in [(200, "unknown_error"), (404, "unimplemented"), (503, "unavailable")] {
        let answer = move || {
            let mut response = Response::new(ScriptedBody::new([Step::Data("<html>")]));
            *response.status_mut() = StatusCode::from_u16(code).unwrap();
            Some(response)
        };
        let [near, far] = call(Reader::Reads, answer).await;
        assert_eq!(status(&near), expected, "{code}");
        let http = SpanStatus::from_http(StatusCode::from_u16(code).unwrap());
        assert_eq!(status(&far), http.as_str(), "{code}");
    }
}
