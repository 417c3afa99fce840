//! Responses that are at their end with their head. Where there is a body, it would never end.

use end_to_end::{Protocol, ScriptedBody};
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Method, Response, StatusCode};
use trace_core::Outcome::{Complete, Failed};
use trace_core::{SpanStatus, TraceContext};

use crate::ending::{
    Ending, connect, endless, get, grpc, grpc_response, grpc_status, request, with_header, with_status,
};
use Protocol::{Http1, Http2};

pub(crate) const AT_THE_HEAD: &[Ending] = &[
    Ending {
        name: "an empty body",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| Ok(Response::new(ScriptedBody::default().telling_size().telling_end())),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "an empty body that only its size tells",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| Ok(Response::new(ScriptedBody::default().telling_size())),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "HEAD",
        protocols: Protocol::BOTH,
        request: || request(Method::HEAD, "/"),
        handler: |_| Ok(Response::new(endless())),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "HEAD of what is not there",
        protocols: Protocol::BOTH,
        request: || request(Method::HEAD, "/"),
        handler: |_| with_status(Response::new(endless()), StatusCode::NOT_FOUND),
        received: Some(""),
        outcome: Complete,
        status: "not_found",
    },
    Ending {
        name: "204",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| with_status(Response::new(endless()), StatusCode::NO_CONTENT),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "304",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| with_status(Response::new(endless()), StatusCode::NOT_MODIFIED),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "101",
        protocols: &[Http1],
        request: || {
            let mut request = get();
            request.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
            request.headers_mut().insert(UPGRADE, HeaderValue::from_static("chat"));
            request
        },
        handler: |_| {
            let response = with_status(Response::new(endless()), StatusCode::SWITCHING_PROTOCOLS)?;
            let response = with_header(response, CONNECTION.as_str(), "upgrade")?;
            with_header(response, UPGRADE.as_str(), "chat")
        },
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "CONNECT",
        protocols: Protocol::BOTH,
        request: connect,
        handler: |_| Ok(Response::new(endless())),
        received: Some(""),
        outcome: Complete,
        status: "ok",
    },
    Ending {
        name: "gRPC with its status in the head",
        protocols: Protocol::BOTH,
        request: grpc,
        handler: |_| {
            let body = ScriptedBody::default().telling_end();
            with_header(grpc_response(body)?, "grpc-status", "16")
        },
        received: Some(""),
        outcome: Complete,
        status: "unauthenticated",
    },
    Ending {
        name: "gRPC with its status in trailers and no data before, which has a size of 0",
        protocols: &[Http2],
        request: grpc,
        handler: |_| grpc_response(ScriptedBody::new([grpc_status("5")]).telling_size()),
        received: Some(""),
        outcome: Complete,
        status: "not_found",
    },
    Ending {
        name: "a handler that fails",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| Err("the handler fails".into()),
        received: None,
        outcome: Failed,
        status: "internal_error",
    },
    Ending {
        name: "a status that the handler chose",
        protocols: Protocol::BOTH,
        request: get,
        handler: |_| {
            let context = TraceContext::current().expect("a context in the handler");
            context.set_status(SpanStatus::DataLoss);
            Ok(Response::new(ScriptedBody::default().telling_end()))
        },
        received: Some(""),
        outcome: Complete,
        status: "data_loss",
    },
];
