//! Attributes of a server's span that the response and its end show.
//!
//! Source: the conventions of OpenTelemetry for `http.response.body.size` and `error.type`, and those of Sentry for
//! `http.request.time_to_first_byte`, which is in seconds.

use std::borrow::Cow;

use trace_core::{AttributeValue, Outcome, TraceContext};

use crate::response::ResponseState;

const ERROR_TYPE: &str = "error.type";

/// Records the time from the start of the request to the head of the response, which is the first thing that is sent.
pub(crate) fn record_head(span: &TraceContext) {
    if let Some(elapsed) = span.elapsed() {
        span.set_attribute("http.request.time_to_first_byte", elapsed.as_secs_f64());
    }
}

/// Records the number of bytes in the body, which may have ended early, and the kind of error. An error that the
/// application has named stays.
pub(crate) fn record_end(span: &TraceContext, response: Option<&ResponseState>, outcome: Outcome) {
    if let Some(response) = response {
        span.set_attribute("http.response.body.size", response.body_size());
    }
    if let Some(error) = error_type(response, outcome)
        && span.attribute(ERROR_TYPE).is_none()
    {
        span.set_attribute(ERROR_TYPE, AttributeValue::from(error));
    }
}

/// Returns the kind of error with which a request ended: how it broke off, else the status of HTTP if it is the server's
/// fault. That the client left is no error.
fn error_type(response: Option<&ResponseState>, outcome: Outcome) -> Option<Cow<'static, str>> {
    let code = response.map(ResponseState::code).filter(|code| code.is_server_error());
    match (outcome, response) {
        (Outcome::Panicked, _) => Some("panic".into()),
        (Outcome::Failed, Some(_)) => Some("body".into()),
        // The error is known to the application only.
        (Outcome::Failed, None) => Some("_OTHER".into()),
        _ => code.map(|code| code.as_str().to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use trace_core::Outcome::{Cancelled, Complete, Failed, Panicked, TimedOut};

    use super::*;
    use crate::response::Side;

    #[test]
    fn kinds_of_errors() {
        let table = [
            (Some(200), Complete, None),
            (Some(404), Complete, None),
            (Some(503), Complete, Some("503")),
            (Some(503), Cancelled, Some("503")),
            (Some(503), Failed, Some("body")),
            (Some(200), Failed, Some("body")),
            (Some(200), Panicked, Some("panic")),
            (Some(200), Cancelled, None),
            (Some(200), TimedOut, None),
            (None, Cancelled, None),
            (None, Failed, Some("_OTHER")),
            (None, Panicked, Some("panic")),
        ];
        for (code, outcome, expected) in table {
            let code = code.map(|code| StatusCode::from_u16(code).unwrap());
            let response = code.map(|code| ResponseState::new(Side::Server, code));
            assert_eq!(error_type(response.as_ref(), outcome).as_deref(), expected, "{code:?} {outcome:?}");
        }
    }
}
