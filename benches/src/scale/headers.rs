//! Requests with much of something in their headers.

use crate::inputs::{BAGGAGE, Request, shared, traced_request};

/// A trace, and so many other lines in front of it.
pub(crate) fn beside_trace(number: usize) -> Request {
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

/// The usual members and as many more as fit into so many bytes. These are so long that 8192 bytes are at most 64 of them.
pub(crate) fn bytes_of_baggage(length: usize) -> Request {
    let member = |place| format!(",sentry-key_{place:03}={}", "v".repeat(130));
    with_baggage((0..(length - BAGGAGE.len()) / member(0).len()).map(member))
}

/// The usual members and so many more, each with a name of its own.
pub(crate) fn keys(number: usize) -> Request {
    with_baggage((0..number).map(|place| format!(",sentry-key_{place}=1")))
}

fn with_baggage(more: impl Iterator<Item = String>) -> Request {
    let mut request = traced_request();
    let line = BAGGAGE.to_owned() + &more.collect::<String>();
    request.headers_mut().insert("baggage", shared(&line));
    request
}
