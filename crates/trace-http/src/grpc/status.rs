//! The status of a gRPC call.

use http::{HeaderMap, StatusCode};
use trace_core::SpanStatus;

/// Returns the status of a response that has no `grpc-status`, as tonic infers it; `None` for 200, because the status
/// may still come.
pub(crate) fn status_without_code(code: StatusCode) -> Option<SpanStatus> {
    Some(match code.as_u16() {
        200 => return None,
        400 => SpanStatus::InternalError,
        401 => SpanStatus::Unauthenticated,
        403 => SpanStatus::PermissionDenied,
        404 => SpanStatus::Unimplemented,
        429 | 502 | 503 | 504 => SpanStatus::Unavailable,
        _ => SpanStatus::UnknownError,
    })
}

/// A `grpc-status` that is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrpcStatus {
    Code(u32),
    /// A value other than the 17 codes without leading zeros.
    Unreadable,
}

impl GrpcStatus {
    /// Reads the status from a head or from trailers.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let code = match headers.get("grpc-status")?.as_bytes() {
            [digit @ b'0'..=b'9'] => u32::from(digit - b'0'),
            [b'1', digit @ b'0'..=b'6'] => 10 + u32::from(digit - b'0'),
            _ => return Some(Self::Unreadable),
        };
        Some(Self::Code(code))
    }
}

/// Returns the name of a code in `0..=16`.
pub(crate) fn code_name(code: u32) -> &'static str {
    match code {
        0 => "OK",
        1 => "CANCELLED",
        3 => "INVALID_ARGUMENT",
        4 => "DEADLINE_EXCEEDED",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        10 => "ABORTED",
        11 => "OUT_OF_RANGE",
        12 => "UNIMPLEMENTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        15 => "DATA_LOSS",
        16 => "UNAUTHENTICATED",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn status_of_grpc_without_a_status() {
        let table = [
            (200, None),
            (204, Some("unknown_error")),
            (400, Some("internal_error")),
            (401, Some("unauthenticated")),
            (403, Some("permission_denied")),
            (404, Some("unimplemented")),
            (415, Some("unknown_error")),
            (429, Some("unavailable")),
            (500, Some("unknown_error")),
            (502, Some("unavailable")),
            (503, Some("unavailable")),
            (504, Some("unavailable")),
        ];
        for (code, expected) in table {
            let code = StatusCode::from_u16(code).unwrap();
            let status = status_without_code(code);
            assert_eq!(status.map(SpanStatus::as_str), expected, "{code}");
        }
    }

    fn with_status(text: &[u8]) -> HeaderMap {
        let name = http::HeaderName::from_static("grpc-status");
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(text).unwrap())])
    }

    #[test]
    fn a_status_is_one_of_17_codes() {
        let of = |text: &[u8]| GrpcStatus::of(&with_status(text));
        for code in 0..=16_u32 {
            assert_eq!(of(code.to_string().as_bytes()), Some(GrpcStatus::Code(code)));
        }
        for text in [
            "",
            "00",
            "01",
            "010",
            "17",
            "20",
            "99",
            "-1",
            "+1",
            "1 ",
            " 1",
            "1,2",
            "abc",
            "0x1",
            "4294967296",
        ] {
            assert_eq!(of(text.as_bytes()), Some(GrpcStatus::Unreadable), "{text:?}");
        }
        assert_eq!(of(b"\xff"), Some(GrpcStatus::Unreadable));
        assert_eq!(GrpcStatus::of(&HeaderMap::new()), None);
    }
}
