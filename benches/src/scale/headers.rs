//! Requests with much of something in their headers.

use super::filled;
use crate::inputs::{BAGGAGE, Request, shared, traced_request};

/// The span that sent the headers.
const SPAN: &str = "b72fa28504b07285";

/// The usual request with these lines of a header in place of its own.
fn with(name: &'static str, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Request {
    replace(traced_request(), name, lines)
}

fn replace(
    mut request: Request,
    name: &'static str,
    lines: impl IntoIterator<Item = impl AsRef<str>>,
) -> Request {
    request.headers_mut().remove(name);
    for line in lines {
        request.headers_mut().append(name, shared(line.as_ref()));
    }
    request
}

fn many(number: usize, part: impl FnMut(usize) -> String) -> impl Iterator<Item = String> {
    (0..number).map(part)
}

/// Usual baggage and so much behind it.
fn with_baggage(more: impl IntoIterator<Item = String>) -> Request {
    with("baggage", [BAGGAGE.to_owned() + &more.into_iter().collect::<String>()])
}

/// A trace, and so many other lines in front of it.
pub(super) fn beside_trace(number: usize) -> Request {
    let mut request = traced_request();
    let trace = ["sentry-trace", "baggage", "traceparent"];
    let trace = trace.map(|name| (name, request.headers_mut().remove(name)));
    request.headers_mut().clear();
    for place in 0..number {
        let name: http::HeaderName = format!("x-header-{place}").parse().unwrap();
        request.headers_mut().append(name, shared("a value of middling length"));
    }
    for (name, value) in trace {
        request.headers_mut().append(name, value.unwrap());
    }
    request
}

/// Members so long that 8192 bytes are at most 64 of them.
pub(super) fn bytes_of_baggage(length: usize) -> Request {
    let member = |place| format!(",sentry-key_{place:03}={}", "v".repeat(130));
    with("baggage", [filled(BAGGAGE, length, member)])
}

pub(super) fn keys(number: usize) -> Request {
    with_baggage(many(number, |place| format!(",sentry-key_{place}=1")))
}

pub(super) fn others(number: usize) -> Request {
    with_baggage(many(number, |place| format!(",key_{place}=1")))
}

pub(super) fn properties(number: usize) -> Request {
    with_baggage(many(number, |place| format!(";key_{place}=1")))
}

/// Half of them in a value that every service reads, and half in one that is read because a quote may not be sent on.
pub(super) fn escapes(number: usize) -> Request {
    let digits = "%31".repeat(number / 2);
    with("baggage", [format!("sentry-sample_rand=0.{digits},sentry-release=\"{digits}")])
}

/// The last one is of the trace that goes on.
pub(super) fn contexts(number: usize) -> Request {
    let others = many(number - 1, |place| format!("sentry-trace_id={:032x},sentry-release=a", place + 1));
    with("baggage", others.chain([BAGGAGE.to_owned()]))
}

pub(super) fn lines_of_baggage(number: usize) -> Request {
    with("baggage", many(number, |place| format!("sentry-key_{place}=1,other_{place}=2")))
}

pub(super) fn lines_of_trace(number: usize) -> Request {
    with("sentry-trace", many(number, |place| format!("{:032x}-{SPAN}-1", place + 1)))
}

/// As many of `sentry-trace`. No two name one trace, and the second half cannot be read.
pub(super) fn lines_of_traceparent(number: usize) -> Request {
    let line = |place| match place < number / 2 {
        true => format!("00-{:032x}-{SPAN}-01", number + place + 1),
        false => format!("00-{place:032x}-{SPAN}"),
    };
    replace(lines_of_trace(number), "traceparent", many(number, line))
}

/// Beside a `traceparent` that is accepted, for want of a `sentry-trace`.
pub(super) fn tracestate(number: usize) -> Request {
    let line = many(number, |place| format!("key_{place}=1")).collect::<Vec<_>>().join(",");
    replace(with("tracestate", [line]), "sentry-trace", [""; 0])
}

/// Names that hold the name of one of the trace's headers, but are others.
pub(super) fn authorization(length: usize) -> Request {
    let begin = "AWS4-HMAC-SHA256 Credential=KEY/20261101/eu-west-1/s3/aws4_request, SignedHeaders=host";
    let end = ", Signature=5d672d79c15b13162d9279b0855cfba6";
    with("authorization", [filled(begin, length - end.len(), |_| ";x-sentry-trace".to_owned()) + end])
}

pub(super) fn signature_input(length: usize) -> Request {
    let end = ");created=1";
    let line = filled("sig1=(\"@method\"", length - end.len(), |_| " \"x-sentry-trace\"".to_owned());
    with("signature-input", [line + end])
}
