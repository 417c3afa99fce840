//! Bodies with a gate in them: the test opens it after it has seen that nothing has ended.

use end_to_end::{Gate, Protocol, ScriptedBody, Step};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRAILER};
use http::{Response, StatusCode};
use trace_core::Outcome::{Complete, Failed};

use crate::ending::{
    Ending, checksum, connect, get, grpc, grpc_response, grpc_status, halves, with_header, with_status,
};
use Protocol::{Http1, Http2};
use Step::{Data, Fail, Trailers, Wait};

pub(crate) const WITH_A_GATE: &[Ending] = &[
    Ending {
        name: "a body with an exact size hint that tells its end",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| Ok(Response::new(halves(gate).telling_size().telling_end())),
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "a body with an exact size hint that does not tell its end",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| Ok(Response::new(halves(gate).telling_size())),
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "a stream of unknown length",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| Ok(Response::new(halves(gate))),
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "a stream of unknown length that tells its end",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| Ok(Response::new(halves(gate).telling_end())),
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "a stream with a hand-set content-length, which hyper does not poll again",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| with_header(Response::new(halves(gate)), CONTENT_LENGTH.as_str(), "11"),
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "an endless stream with a hand-set content-length",
        protocols: &[Http1],
        request: get,
        handler: |gate| {
            let body = ScriptedBody::new([Data("first, "), Wait(gate), Data("last"), Wait(Gate::default())]);
            with_header(Response::new(body), CONTENT_LENGTH.as_str(), "11")
        },
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "trailers",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| {
            let body = ScriptedBody::new([Data("first, "), Wait(gate), Data("last"), Trailers(checksum())]);
            with_header(Response::new(body), TRAILER.as_str(), "x-checksum")
        },
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "trailers after which the body would never end",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| {
            let never = Wait(Gate::default());
            let body = ScriptedBody::new([Data("first, "), Wait(gate), Trailers(checksum()), never]);
            with_header(Response::new(body), TRAILER.as_str(), "x-checksum")
        },
        received: Some("first, "),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "a body that fails",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| Ok(Response::new(ScriptedBody::new([Data("first, "), Wait(gate), Fail]))),
        received: None,
        outcome: Failed,
        status: "internal_error",
    },
    Ending {
        name: "the body of an error response that fails",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| {
            let body = ScriptedBody::new([Data("first, "), Wait(gate), Fail]);
            with_status(Response::new(body), StatusCode::NOT_FOUND)
        },
        received: None,
        outcome: Failed,
        status: "not_found",
    },
    Ending {
        name: "an error response with a body",
        protocols: Protocol::BOTH,
        request: get,
        handler: |gate| with_status(Response::new(halves(gate)), StatusCode::SERVICE_UNAVAILABLE),
        received: Some("first, last"),
        outcome: Complete,
        status: "unavailable",
    },
    Ending {
        name: "a refused CONNECT, which has a body",
        protocols: Protocol::BOTH,
        request: connect,
        handler: |gate| with_status(Response::new(halves(gate)), StatusCode::FORBIDDEN),
        received: Some("first, last"),
        outcome: Complete,
        status: "permission_denied",
    },
    Ending {
        name: "gRPC with its status in trailers",
        protocols: Protocol::BOTH,
        request: grpc,
        handler: |gate| grpc_response(ScriptedBody::new([Data("first, "), Wait(gate), grpc_status("5")])),
        received: Some("first, "),
        outcome: Complete,
        status: "not_found",
    },
    Ending {
        name: "gRPC with a content-length: the data does not end it, the status does",
        protocols: &[Http2],
        request: grpc,
        handler: |gate| {
            let body = ScriptedBody::new([Data("first, "), Wait(gate), grpc_status("8")]);
            with_header(grpc_response(body)?, CONTENT_LENGTH.as_str(), "7")
        },
        received: Some("first, "),
        outcome: Complete,
        status: "resource_exhausted",
    },
    Ending {
        name: "gRPC that succeeds",
        protocols: &[Http2],
        request: grpc,
        handler: |gate| grpc_response(ScriptedBody::new([Data("first, "), Wait(gate), grpc_status("0")])),
        received: Some("first, "),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "gRPC that fails in the middle",
        protocols: &[Http2],
        request: grpc,
        handler: |gate| grpc_response(ScriptedBody::new([Data("first, "), Wait(gate), Fail])),
        received: None,
        outcome: Failed,
        status: "internal_error",
    },
    Ending {
        name: "gRPC that tells its end with the data, after which hyper does not ask for a status",
        protocols: &[Http2],
        request: grpc,
        handler: |gate| grpc_response(halves(gate).telling_end()),
        received: Some("first, last"),
        outcome: Complete,
        status: "unknown_error",
    },
    Ending {
        name: "gRPC-Web with a hand-set content-length, after which hyper does not ask for more",
        protocols: &[Http1],
        request: grpc,
        handler: |gate| {
            let body = ScriptedBody::new([Data("first, "), Wait(gate), Data("last"), Wait(Gate::default())]);
            let response = with_header(Response::new(body), CONTENT_LENGTH.as_str(), "11")?;
            with_header(response, CONTENT_TYPE.as_str(), "application/grpc-web+proto")
        },
        received: Some("first, last"),
        outcome: Complete,
        status: "ok",
    },
];
