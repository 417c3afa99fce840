//! Headers of responses that name the trace, for development and support.

use http::{HeaderMap, HeaderName, HeaderValue};
use trace_core::wire::{SentryTrace, Traceparent};
use trace_core::{Continuation, NewTrace, TraceContext};

/// The value of a response header that names the trace of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseHeader {
    /// The id of the trace, as Sentry's search takes it.
    TraceId,
    /// The context of the service span in the form of W3C's `traceparent`.
    Traceparent,
    /// The [reason](trace_core::Continuation) why the trace is the caller's or new, such as `new: no trace header came in`.
    /// If a `traceparent` or a `baggage` came in that could not be used, it says so. It is for debugging: it tells how the
    /// service is configured.
    Continuation,
}

impl ResponseHeader {
    fn value(self, context: &TraceContext, request: &HeaderMap) -> Option<HeaderValue> {
        let text = match self {
            Self::TraceId => context.trace_id().to_string(),
            Self::Traceparent => {
                let SentryTrace { trace_id, span_id, sampled, .. } = context.sentry_trace();
                Traceparent { trace_id, span_id, sampled: sampled == Some(true), random: false }.to_string()
            }
            Self::Continuation => reason(context.continuation(), request),
        };
        HeaderValue::try_from(text).ok()
    }
}

/// The headers that a response gets.
pub(crate) type Headers = Vec<(HeaderName, HeaderValue)>;

/// Returns the headers of a response in a trace. There are none if tracing is suppressed.
pub(crate) fn headers(
    wanted: &[(HeaderName, ResponseHeader)],
    context: Option<&TraceContext>,
    request: &HeaderMap,
) -> Headers {
    let Some(context) = context.filter(|context| !context.is_suppressed()) else { return Vec::new() };
    wanted.iter().filter_map(|(name, value)| Some((name.clone(), value.value(context, request)?))).collect()
}

/// Returns the reason of a continuation, and what came in although it was of no use.
fn reason(continuation: Continuation, request: &HeaderMap) -> String {
    let unused = match continuation {
        Continuation::New(NewTrace::NoHeader) if request.contains_key("traceparent") => {
            ", but a traceparent, which this service does not accept"
        }
        Continuation::New(NewTrace::NoHeader) if request.contains_key("baggage") => {
            ", but a baggage, which continues no trace without it"
        }
        _ => "",
    };
    format!("{continuation}{unused}")
}

/// Adds headers that are not there, as long as the map can hold them.
pub(crate) fn add(response: &mut HeaderMap, headers: &mut Headers) {
    for (name, value) in headers.drain(..) {
        if !response.contains_key(&name) {
            let _room = response.try_append(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http::header::{CACHE_CONTROL, CONTENT_TYPE};
    use trace_core::Tracer;

    use super::*;
    use crate::server_timing;

    #[test]
    fn a_map_that_is_full_stays_as_it_is() {
        let mut full = HeaderMap::new();
        full.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        full.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut number = 0;
        while full
            .try_append(format!("x-{number}").parse::<HeaderName>().unwrap(), HeaderValue::from(number))
            .is_ok()
        {
            number += 1;
        }
        let length = full.len();
        let trace = Tracer::builder().build().unwrap().start_new_trace();
        let wanted = [(HeaderName::from_static("x-trace-id"), ResponseHeader::TraceId)];
        add(&mut full, &mut headers(&wanted, Some(&trace), &HeaderMap::new()));
        server_timing::add(StatusCode::OK, &mut full, &trace);
        assert_eq!(full.len(), length);
    }
}
