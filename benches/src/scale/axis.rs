//! What grows.

use clap::ValueEnum;

use crate::inputs::{BAGGAGE, Request, shared, traced_request};

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Axis {
    /// Header lines of a request besides those of its trace.
    Headers,
    /// Bytes of `baggage` as Sentry's other SDKs send it, through a service that forwards it.
    Baggage,
    /// Bytes of `baggage` whose members are Sentry's, without the id of the trace.
    Incomplete,
    /// Bytes of `baggage` whose members are somebody else's: above 8192 an attack.
    Foreign,
    /// Propagation targets that do not match.
    Targets,
    /// Spans below a recorded request.
    Spans,
    /// Requests that run at the same time, of which one is polled.
    InFlight,
}

impl Axis {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::Baggage => "baggage",
            Self::Incomplete => "incomplete",
            Self::Foreign => "foreign",
            Self::Targets => "targets",
            Self::Spans => "spans",
            Self::InFlight => "in-flight",
        }
    }

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Headers => "header lines beside those of the trace: server, continued",
            Self::Baggage => "bytes of baggage: gateway",
            Self::Incomplete => "bytes of baggage without a trace id: gateway",
            Self::Foreign => "bytes of somebody else's baggage: gateway",
            Self::Targets => "targets, none matches: client",
            Self::Spans => "spans: server, recorded",
            Self::InFlight => "requests at the same time: one more poll",
        }
    }

    pub(crate) fn values(self) -> &'static [usize] {
        match self {
            Self::Headers => &[1, 8, 64],
            Self::Baggage => &[48, 339, 1024, 4096, 8192],
            Self::Incomplete => &[21, 1024, 4096, 8192],
            Self::Foreign => &[24, 1024, 8192, 65536],
            Self::Targets => &[1, 5, 10, 100, 1000],
            Self::Spans => &[1, 10, 100, 1000],
            Self::InFlight => &[1, 10, 100, 1000, 10_000],
        }
    }

    pub(crate) fn times(self, value: usize) -> usize {
        match self {
            Self::Headers | Self::Targets => 200,
            Self::Baggage | Self::Incomplete | Self::Foreign => (200_000 / value).clamp(20, 200),
            Self::Spans => (2000 / value).clamp(10, 200),
            Self::InFlight => value.max(1000),
        }
    }
}

/// A request with a trace and so many other lines.
pub(crate) fn headers(number: usize) -> Request {
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

/// A request with so many bytes of `baggage`.
pub(crate) fn baggage(axis: Axis, bytes: usize) -> Request {
    let beginning = match axis {
        Axis::Baggage => BAGGAGE,
        Axis::Incomplete => "sentry-environment=qa",
        _ => "somebody=1,somebody_2=22",
    };
    let mut text = beginning.to_owned();
    for place in 0.. {
        if text.len() >= bytes {
            break;
        }
        text += &match axis {
            Axis::Foreign => ",a=1".to_owned(),
            // So long that 8192 bytes are at most 64 members, and that no length ends within a name.
            _ => format!(",sentry-key_{place:03}={}", "v".repeat(130)),
        };
    }
    text.truncate(bytes);
    let mut request = traced_request();
    request.headers_mut().insert("baggage", shared(&text));
    request
}
