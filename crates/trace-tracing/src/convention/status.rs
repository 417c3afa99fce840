//! The status of a span.

use http::StatusCode;
use trace_core::{AttributeValue, SpanStatus};

/// Returns the status that attributes tell.
pub(crate) fn of_attribute(name: &str, value: &AttributeValue) -> Option<SpanStatus> {
    match name {
        "http.response.status_code" => {
            Some(SpanStatus::from_http(StatusCode::from_u16(number(value)?).ok()?))
        }
        "rpc.response.status_code" => Some(SpanStatus::from_grpc(number(value)?)),
        "error" => (*value != AttributeValue::Bool(false)).then_some(SpanStatus::InternalError),
        "error.type" | "error.message" | "exception.message" | "exception.type" => {
            Some(SpanStatus::InternalError)
        }
        _ => None,
    }
}

/// Returns the status for an `otel.status_code`, if a protocol or an error has told `known`.
pub(crate) fn of_code(code: &AttributeValue, known: Option<SpanStatus>) -> Option<SpanStatus> {
    match code.as_str()? {
        // Crates say so of every response but those that are the server's fault.
        code if code.eq_ignore_ascii_case("ok") => {
            let is_vague =
                |known: &SpanStatus| matches!(known, SpanStatus::InternalError | SpanStatus::UnknownError);
            Some(known.filter(|known| !is_vague(known)).unwrap_or(SpanStatus::Ok))
        }
        code if code.eq_ignore_ascii_case("error") => {
            Some(known.filter(|known| *known != SpanStatus::Ok).unwrap_or(SpanStatus::UnknownError))
        }
        _ => None,
    }
}

/// Returns the status of a span in which an event with these fields is logged as an error. `#[instrument(err)]` logs such an
/// event when the function fails.
pub(crate) fn event_status(error: Option<&AttributeValue>, has_error: bool) -> Option<SpanStatus> {
    let error = error.and_then(|error| of_attribute("error", error));
    error.or_else(|| has_error.then_some(SpanStatus::InternalError))
}

/// Reads a number, also one that is given as a text.
fn number<N: TryFrom<i64>>(value: &AttributeValue) -> Option<N> {
    let number = match value {
        AttributeValue::Integer(number) => *number,
        AttributeValue::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    N::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use SpanStatus::{InternalError, InvalidArgument, NotFound, Ok, Unavailable, UnknownError};

    use super::*;

    #[test]
    fn attributes_tell_the_status() {
        let table: [(&str, AttributeValue, Option<SpanStatus>); 14] = [
            ("http.response.status_code", 200.into(), Some(Ok)),
            ("http.response.status_code", 404.into(), Some(NotFound)),
            ("http.response.status_code", "503".into(), Some(Unavailable)),
            ("http.response.status_code", (-1).into(), None),
            ("http.response.status_code", 70_000.into(), None),
            ("http.response.status_code", "none".into(), None),
            ("rpc.response.status_code", 3.into(), Some(InvalidArgument)),
            ("rpc.response.status_code", 99.into(), Some(UnknownError)),
            ("error", true.into(), Some(InternalError)),
            ("error", false.into(), None),
            ("error", "no such table".into(), Some(InternalError)),
            ("error.type", "timeout".into(), Some(InternalError)),
            ("exception.message", "gone".into(), Some(InternalError)),
            ("errors", 3.into(), None),
        ];
        for (name, value, expected) in table {
            assert_eq!(of_attribute(name, &value), expected, "{name} {value}");
        }
    }

    #[test]
    fn a_code_of_opentelemetry_is_made_precise() {
        let table = [
            ("ok", Some(NotFound), Some(NotFound)),
            ("ok", Some(InternalError), Some(Ok)),
            ("OK", None, Some(Ok)),
            ("ERROR", None, Some(UnknownError)),
            ("error", Some(NotFound), Some(NotFound)),
            ("error", Some(Ok), Some(UnknownError)),
            ("unset", Some(NotFound), None),
        ];
        for (code, known, expected) in table {
            assert_eq!(of_code(&code.into(), known), expected, "{code} {known:?}");
        }
    }
}
