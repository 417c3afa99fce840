//! What the span of a gRPC call tells of it.
//!
//! Source: Sentry's conventions for attributes, and OpenTelemetry's for RPC.

use trace_core::{AttributeValue, Outcome, TraceContext, TransactionName};

use super::{GrpcAnswer, GrpcCall, code_name};

/// The operation and origin of the span of a client.
pub(crate) const CLIENT_OPERATION: &str = "grpc.client";
const CLIENT_ORIGIN: &str = "auto.grpc.tower_client";

/// The operation and origin of the span of a server, and those of a request that is not gRPC.
const SERVER: (&str, &str) = ("grpc.server", "auto.grpc.tower");
const HTTP_SERVER: (&str, &str) = ("http.server", "auto.http.tower");

/// Records the call that a client makes.
pub(crate) fn record_client(call: &GrpcCall, span: &TraceContext) {
    span.set_origin(CLIENT_ORIGIN);
    record_call(call, span);
    record_method(call, span);
}

/// Records the status of an answer.
pub(crate) fn record_status(answer: GrpcAnswer, span: &TraceContext) {
    if let Some(code) = answer.code() {
        span.set_attribute("rpc.response.status_code", AttributeValue::from_static(code_name(code)));
        span.set_attribute("rpc.grpc.status_code", code);
    }
}

/// Records that a request to a server claims to be gRPC, so that it is recorded as such also if it panics.
pub(crate) fn record_claim(span: &TraceContext) {
    rename(span, HTTP_SERVER, SERVER);
}

/// Records the call that a server has ended. `answer` is `None` if there was no answer at all.
pub(crate) fn record_server(
    call: GrpcCall,
    answer: Option<GrpcAnswer>,
    outcome: Outcome,
    span: &TraceContext,
) {
    let is_complete = outcome == Outcome::Complete;
    // A status proves that the request is gRPC. A complete answer without one may only echo the content type of the
    // request; one that broke off counts as the request claims.
    if is_complete && answer.and_then(GrpcAnswer::code).is_none() {
        return refute_claim(span);
    }
    record_call(&call, span);
    if !answer.is_some_and(GrpcAnswer::is_unimplemented) {
        record_method(&call, span);
    }
    if answer.is_some_and(|answer| answer.proves_method(is_complete)) {
        span.set_route(TransactionName::route(String::from(call.into_path())), None);
    }
}

/// Records that a request was not gRPC after all.
pub(crate) fn refute_claim(span: &TraceContext) {
    rename(span, SERVER, HTTP_SERVER);
}

/// Replaces the operation and origin of a span. Values that the application set are kept.
fn rename(span: &TraceContext, from: (&str, &str), to: (&'static str, &'static str)) {
    if span.operation().as_deref() == Some(from.0) {
        span.set_operation(to.0);
    }
    if span.origin().as_deref() == Some(from.1) {
        span.set_origin(to.1);
    }
}

/// Records the protocol and the timeout.
fn record_call(call: &GrpcCall, span: &TraceContext) {
    span.set_attribute("rpc.system", AttributeValue::from_static("grpc"));
    if let Some(timeout) = call.timeout() {
        span.set_attribute("rpc.grpc.timeout_ms", timeout.as_secs_f64() * 1000.0);
    }
}

/// Records the names of the service and of the method.
fn record_method(call: &GrpcCall, span: &TraceContext) {
    if let Some(method) = call.method() {
        span.set_attribute("rpc.service", method.split('/').next().unwrap_or_default());
        span.set_attribute("rpc.method", method);
    }
}
