//! The status of a span, in Sentry's terms.
//!
//! Source: Sentry's Span Interface and the mapping that the JavaScript, Python and Go SDKs share.

use std::fmt;

/// The status of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanStatus {
    /// The work succeeded.
    Ok,
    /// The work was cancelled, typically by the caller.
    Cancelled,
    /// An error without a more precise status.
    UnknownError,
    /// The caller sent an invalid request.
    InvalidArgument,
    /// The work took too long.
    DeadlineExceeded,
    /// The requested entity does not exist.
    NotFound,
    /// The entity to create already exists.
    AlreadyExists,
    /// The caller is known but lacks the permission.
    PermissionDenied,
    /// A limit was reached.
    ResourceExhausted,
    /// The system is not in the state that the call needs.
    FailedPrecondition,
    /// A conflict, such as between transactions.
    Aborted,
    /// A value beyond the valid range.
    OutOfRange,
    /// The operation does not exist.
    Unimplemented,
    /// A fault of the service itself.
    InternalError,
    /// The service is currently unavailable.
    Unavailable,
    /// Data was lost permanently.
    DataLoss,
    /// The caller is not known.
    Unauthenticated,
}

impl SpanStatus {
    /// Returns the word of the wire format, such as `not_found`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancelled => "cancelled",
            Self::UnknownError => "unknown_error",
            Self::InvalidArgument => "invalid_argument",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::PermissionDenied => "permission_denied",
            Self::ResourceExhausted => "resource_exhausted",
            Self::FailedPrecondition => "failed_precondition",
            Self::Aborted => "aborted",
            Self::OutOfRange => "out_of_range",
            Self::Unimplemented => "unimplemented",
            Self::InternalError => "internal_error",
            Self::Unavailable => "unavailable",
            Self::DataLoss => "data_loss",
            Self::Unauthenticated => "unauthenticated",
        }
    }

    /// Returns the status for an HTTP response, on either side.
    #[must_use]
    pub fn from_http(code: http::StatusCode) -> Self {
        match code.as_u16() {
            100..=399 => Self::Ok,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::AlreadyExists,
            413 => Self::FailedPrecondition,
            429 => Self::ResourceExhausted,
            499 => Self::Cancelled,
            400..=499 => Self::InvalidArgument,
            501 => Self::Unimplemented,
            503 => Self::Unavailable,
            504 => Self::DeadlineExceeded,
            500..=599 => Self::InternalError,
            _ => Self::UnknownError,
        }
    }

    /// Returns the status for a `grpc-status` in `0..=16`; any other code is an unknown error.
    #[must_use]
    pub fn from_grpc(code: u32) -> Self {
        match code {
            0 => Self::Ok,
            1 => Self::Cancelled,
            3 => Self::InvalidArgument,
            4 => Self::DeadlineExceeded,
            5 => Self::NotFound,
            6 => Self::AlreadyExists,
            7 => Self::PermissionDenied,
            8 => Self::ResourceExhausted,
            9 => Self::FailedPrecondition,
            10 => Self::Aborted,
            11 => Self::OutOfRange,
            12 => Self::Unimplemented,
            13 => Self::InternalError,
            14 => Self::Unavailable,
            15 => Self::DataLoss,
            16 => Self::Unauthenticated,
            _ => Self::UnknownError,
        }
    }
}

impl fmt::Display for SpanStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_of_http_codes() {
        let table = [
            (100, "ok"),
            (200, "ok"),
            (304, "ok"),
            (400, "invalid_argument"),
            (401, "unauthenticated"),
            (403, "permission_denied"),
            (404, "not_found"),
            (409, "already_exists"),
            (413, "failed_precondition"),
            (418, "invalid_argument"),
            (429, "resource_exhausted"),
            (499, "cancelled"),
            (500, "internal_error"),
            (501, "unimplemented"),
            (502, "internal_error"),
            (503, "unavailable"),
            (504, "deadline_exceeded"),
            (599, "internal_error"),
            (600, "unknown_error"),
            (999, "unknown_error"),
        ];
        for (code, status) in table {
            let code = http::StatusCode::from_u16(code).unwrap();
            assert_eq!(SpanStatus::from_http(code).to_string(), status, "{code}");
        }
    }

    #[test]
    fn status_of_grpc_codes() {
        let table = [
            (0, "ok"),
            (1, "cancelled"),
            (2, "unknown_error"),
            (5, "not_found"),
            (16, "unauthenticated"),
            (17, "unknown_error"),
        ];
        for (code, status) in table {
            assert_eq!(SpanStatus::from_grpc(code).as_str(), status, "{code}");
        }
    }
}
