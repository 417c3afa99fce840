//! What the answer to a request of gRPC says about how it went. The table on both sides is that of `client/grpc.rs`.

use end_to_end::{Client, Protocol, ScriptedBody, Server, Step, ending, recording, text};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};
use tower::{Layer, service_fn};
use trace_server::TraceServerLayer;

use Step::Data;

/// The request's content type, the response's, and the status.
const TABLE: &[(&str, Option<&str>, Option<&str>, &str)] = &[
    ("gRPC", Some("application/grpc"), Some("application/grpc"), "unknown_error"),
    (
        "gRPC in other encodings",
        Some("application/grpc+json"),
        Some("Application/gRPC+proto"),
        "unknown_error",
    ),
    ("a request of gRPC", Some("application/grpc"), Some("text/plain"), "ok"),
    ("a request of gRPC, an answer without type", Some("application/grpc"), None, "ok"),
    ("an answer of gRPC", Some("text/plain"), Some("application/grpc"), "ok"),
    ("an answer of gRPC to a request without type", None, Some("application/grpc"), "ok"),
    ("gRPC-Web", Some("application/grpc-web"), Some("application/grpc-web"), "ok"),
    ("parameters in the request", Some("application/grpc; a=b"), Some("application/grpc"), "ok"),
    ("parameters in the answer", Some("application/grpc"), Some("application/grpc; a=b"), "ok"),
];

#[tokio::test]
async fn only_what_both_say_is_grpc() {
    for (name, request_type, response_type, expected) in TABLE {
        for method in [Method::POST, Method::GET] {
            let (tracer, mut transactions) = recording();
            let service = service_fn(move |_: Request<_>| {
                let mut response = Response::new(ScriptedBody::new([Data("a message")]));
                if let Some(kind) = response_type {
                    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                }
                std::future::ready(Ok::<_, tower::BoxError>(response))
            });
            let server = Server::start(Protocol::Http2, TraceServerLayer::new(tracer).layer(service)).await;
            let client = Client::connect(Protocol::Http2, &server).await;
            let mut request = Request::builder().method(&method).uri("/shop.Orders/Get");
            if let Some(kind) = request_type {
                request = request.header(CONTENT_TYPE, *kind);
            }
            let response = client.send(request.body(()).unwrap()).await.unwrap();
            assert_eq!(text(response).await.unwrap(), "a message");
            drop(client);
            server.close().await;
            let expected = if method == Method::POST { expected } else { "ok" };
            assert_eq!(ending(&transactions.only()).1, expected, "{method} {name}");
        }
    }
}
