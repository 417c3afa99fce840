//! What a response says about its length, and what comes: whether it is complete is for hyper's client to say.

use end_to_end::{Client, Protocol, ScriptedBody, Server, Step, ending, recording, text};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use tower::{Layer, service_fn};
use trace_core::Outcome::{self, Complete, Failed};
use trace_server::TraceServerLayer;

use crate::ending::{
    Handled, checksum, connect, get, grpc, grpc_response, grpc_status, request, with_status,
};
use Protocol::{Http1, Http2};
use Step::{Data, Trailers};

struct Row {
    name: &'static str,
    protocols: &'static [Protocol],
    request: fn() -> Request<()>,
    /// The lines of `content-length`.
    lengths: &'static [&'static str],
    handler: fn() -> Handled,
    outcome: Outcome,
    /// Whether the client gets a whole response.
    is_received: bool,
}

fn hello() -> ScriptedBody {
    ScriptedBody::new([Data("hello")])
}

fn plain(body: ScriptedBody) -> Handled {
    Ok(Response::new(body))
}

const ROWS: &[Row] = &[
    Row {
        name: "as long as it says",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["5"],
        handler: || plain(hello()),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "as long as two lines say",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["5", "5"],
        handler: || plain(hello()),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "shorter",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "shorter, and it tells its end",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || plain(hello().telling_end()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "shorter, with trailers",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || plain(ScriptedBody::new([Data("hello"), Trailers(checksum())])),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "a shorter answer of gRPC",
        protocols: &[Http2],
        request: grpc,
        lengths: &["11"],
        handler: || grpc_response(ScriptedBody::new([Data("hello"), grpc_status("0")])),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "an error that is shorter",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || with_status(Response::new(hello()), StatusCode::NOT_FOUND),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "empty",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["5"],
        handler: || plain(ScriptedBody::default()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "empty, and it tells its end",
        protocols: &[Http2],
        request: get,
        lengths: &["5"],
        handler: || plain(ScriptedBody::default().telling_end()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        // hyper takes the header off. It is what the service said all the same.
        name: "empty, and it tells its end, which hyper mends",
        protocols: &[Http1],
        request: get,
        lengths: &["5"],
        handler: || plain(ScriptedBody::default().telling_end()),
        outcome: Failed,
        is_received: true,
    },
    Row {
        name: "longer, which is cut off",
        protocols: &[Http1],
        request: get,
        lengths: &["3"],
        handler: || plain(hello()),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "longer, which breaks a stream",
        protocols: &[Http2],
        request: get,
        lengths: &["3"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "shorter than its size hint",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &[],
        handler: || plain(hello().claiming(11)),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "longer than its size hint, which is cut off",
        protocols: &[Http1],
        request: get,
        lengths: &[],
        handler: || plain(hello().claiming(3)),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "longer than its size hint, which breaks a stream",
        protocols: &[Http2],
        request: get,
        lengths: &[],
        handler: || plain(hello().claiming(3)),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "a size hint of nothing, although there is something, which is cut off",
        protocols: &[Http1],
        request: get,
        lengths: &[],
        handler: || plain(hello().claiming(0)),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "a size hint of nothing, although there is something, which breaks a stream",
        protocols: &[Http2],
        request: get,
        lengths: &[],
        handler: || plain(hello().claiming(0)),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "a length of nothing, although there is something, which breaks a stream",
        protocols: &[Http2],
        request: get,
        lengths: &["0"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "no number",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["five"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "a number with a sign",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["+5"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "two numbers",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["5", "6"],
        handler: || plain(hello()),
        outcome: Failed,
        is_received: false,
    },
    Row {
        name: "HEAD",
        protocols: Protocol::BOTH,
        request: || request(Method::HEAD, "/"),
        lengths: &["11"],
        handler: || plain(ScriptedBody::default().telling_end()),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "304",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || {
            with_status(Response::new(ScriptedBody::default().telling_end()), StatusCode::NOT_MODIFIED)
        },
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "204",
        protocols: Protocol::BOTH,
        request: get,
        lengths: &["11"],
        handler: || with_status(Response::new(ScriptedBody::default().telling_end()), StatusCode::NO_CONTENT),
        outcome: Complete,
        is_received: true,
    },
    Row {
        name: "a refused CONNECT that is shorter",
        // hyper's client does not look at the length of these over HTTP/2.
        protocols: &[Http1],
        request: connect,
        lengths: &["11"],
        handler: || with_status(Response::new(hello()), StatusCode::FORBIDDEN),
        outcome: Failed,
        is_received: false,
    },
];

#[tokio::test]
async fn a_body_of_another_length_than_announced_fails() {
    for row in ROWS {
        for &protocol in row.protocols {
            let name = format!("{} over {protocol:?}", row.name);
            let (tracer, mut transactions) = recording();
            let service = service_fn(|_: Request<_>| {
                let response = (row.handler)().map(|mut response| {
                    for length in row.lengths {
                        response.headers_mut().append(CONTENT_LENGTH, HeaderValue::from_static(length));
                    }
                    response
                });
                std::future::ready(response)
            });
            let server = Server::start(protocol, TraceServerLayer::new(tracer).layer(service)).await;
            let client = Client::connect(protocol, &server).await;
            let received = match client.send((row.request)()).await {
                Ok(response) => text(response).await.is_ok_and(|_| true),
                Err(_) => false,
            };
            drop(client);
            server.close().await;
            let (outcome, _) = ending(&transactions.only());
            assert_eq!((outcome, received), (row.outcome, row.is_received), "{name}");
        }
    }
}
