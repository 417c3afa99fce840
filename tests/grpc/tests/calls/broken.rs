//! Answers that are not what they should be: a layer fails no more than tonic does, and tells the same.

use end_to_end::{Gate, Protocol, ScriptedBody, Server, Step, in_time, recording};
use grpc::{Call, Kind};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use tonic::Code;
use tower::{BoxError, service_fn};
use trace_core::TraceExt;

use crate::sides::{channel, only_call, status};

/// A message of gRPC: no compression, four bytes of length, one byte.
const MESSAGE: Step = Step::Data("\0\0\0\0\x01a");

fn trailers(name: &'static str, value: &'static str) -> Step {
    Step::Trailers(HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
}

fn answer(code: u16, kind: &'static str, body: impl IntoIterator<Item = Step>) -> Response<ScriptedBody> {
    let mut response = Response::new(ScriptedBody::new(body));
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

type Row = (&'static str, fn() -> Option<Response<ScriptedBody>>, Code, &'static str);

const GRPC: &str = "application/grpc";

const ROWS: [Row; 9] = [
    ("HTTP 503 of a proxy", || Some(answer(503, "text/html", [])), Code::Unavailable, "unavailable"),
    ("HTTP 404 of a proxy", || Some(answer(404, "text/html", [])), Code::Unimplemented, "unimplemented"),
    (
        "HTTP 200 of something else",
        || Some(answer(200, "text/html", [MESSAGE])),
        Code::Unknown,
        "unknown_error",
    ),
    ("no status", || Some(answer(200, GRPC, [MESSAGE])), Code::Unknown, "unknown_error"),
    (
        "other trailers",
        || Some(answer(200, GRPC, [MESSAGE, trailers("x", "1")])),
        Code::Unknown,
        "unknown_error",
    ),
    (
        "an unknown code",
        || Some(answer(200, GRPC, [MESSAGE, trailers("grpc-status", "99")])),
        Code::Unknown,
        "unknown_error",
    ),
    (
        "a junk code",
        || Some(answer(200, GRPC, [MESSAGE, trailers("grpc-status", "x y")])),
        Code::Unknown,
        "unknown_error",
    ),
    (
        "a negative code",
        || Some(answer(200, GRPC, [trailers("grpc-status", "-1")])),
        Code::Unknown,
        "unknown_error",
    ),
    ("a service that fails", || None, Code::Internal, "unavailable"),
];

#[tokio::test]
async fn an_answer_that_breaks_the_rules_is_read_as_tonic_reads_it() {
    for (name, answer, code, expected) in ROWS {
        let service = service_fn(move |_: Request<Incoming>| async move {
            answer().ok_or(BoxError::from("the service fails by its script"))
        });
        let server = Server::start(Protocol::Http2, service).await;
        let (tracer, mut near) = recording();
        let caller = tracer.service_span("test", "caller").start();
        let call = Call::new("test.Scripted", Kind::ServerStream, "");
        let made = call.make(channel(&tracer, &server.url(""))).in_trace(caller.context().clone());
        let told = in_time(name, made).await.map_or_else(|status| status.code(), |_| Code::Ok);
        let span = only_call(caller, &mut near);
        assert_eq!((told, status(&span)), (code, expected), "{name}");
        assert_eq!(&*span.operation, "grpc.client", "{name}");
    }
}

#[tokio::test]
async fn a_body_that_fails_is_an_internal_error() {
    let fail = Gate::default();
    let steps = fail.clone();
    let service = service_fn(move |_: Request<Incoming>| {
        let steps = [MESSAGE, Step::Wait(steps.clone()), Step::Fail];
        async move { Ok::<_, BoxError>(answer(200, GRPC, steps)) }
    });
    let server = Server::start(Protocol::Http2, service).await;
    let (tracer, mut near) = recording();
    let caller = tracer.service_span("test", "caller").start();
    let call = Call::new("test.Scripted", Kind::ServerStream, "");
    let channel = channel(&tracer, &server.url(""));
    let made = async {
        let mut messages = call.many(channel).await.unwrap();
        assert!(messages.message().await.unwrap().is_some());
        fail.open();
        messages.message().await.unwrap_err()
    };
    let told = in_time("the end", made.in_trace(caller.context().clone())).await;
    assert_eq!((told.code(), status(&only_call(caller, &mut near))), (Code::Internal, "internal_error"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (tracer, mut near) = recording();
    let caller = tracer.service_span("test", "caller").start();
    let call = Call::new("test.Scripted", Kind::Unary, "");
    let made = call.make(channel(&tracer, &url)).in_trace(caller.context().clone());
    assert_eq!(in_time("the error", made).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(status(&only_call(caller, &mut near)), "unavailable");
}
