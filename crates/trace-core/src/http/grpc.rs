//! gRPC over HTTP, as far as headers and trailers show it.
//!
//! Source: the gRPC document "gRPC over HTTP2", and tonic, whose view of a status is followed.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

pub(crate) const OPERATION: &str = "grpc.server";
pub(crate) const ORIGIN: &str = "auto.grpc.tower";
/// The operation and origin of a request before its answer shows that it is gRPC.
pub(crate) const OPERATION_BEFORE: &str = "http.server";
pub(crate) const ORIGIN_BEFORE: &str = "auto.http.tower";

/// The status of a method that does not exist.
pub(crate) const UNIMPLEMENTED: u32 = 12;

/// Whether a request to a server claims to be gRPC. Any caller can claim it: only an answer of that type confirms it.
#[must_use]
pub fn claims_grpc(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::POST && is_grpc(headers)
}

/// Whether the content type is that of gRPC, alone or with the encoding of its messages. That of gRPC-Web is not.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    const TYPE: &[u8] = b"application/grpc";
    let Some((kind, rest)) =
        headers.get(CONTENT_TYPE).and_then(|it| it.as_bytes().split_at_checked(TYPE.len()))
    else {
        return false;
    };
    let in_encoding = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-._".contains(byte);
    kind.eq_ignore_ascii_case(TYPE)
        && match rest.split_first() {
            None => true,
            Some((b'+', encoding)) => !encoding.is_empty() && encoding.iter().all(in_encoding),
            Some(_) => false,
        }
}

/// A `grpc-status` that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrpcStatus {
    Code(u32),
    /// It is none of the 17 codes, written without leading zeros.
    Unreadable,
}

impl GrpcStatus {
    /// Reads the status from a head or from trailers.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let code = match headers.get("grpc-status")?.as_bytes() {
            [digit @ b'0'..=b'9'] => u32::from(digit - b'0'),
            [b'1', digit @ b'0'..=b'6'] => 10 + u32::from(digit - b'0'),
            _ => return Some(Self::Unreadable),
        };
        Some(Self::Code(code))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_exact_type_is_grpc() {
        let table = [
            (Some("application/grpc"), true),
            (Some("application/grpc+proto"), true),
            (Some("Application/GRPC+json"), true),
            (Some("application/grpc+"), false),
            (Some("application/grpc; charset=utf-8"), false),
            (Some("application/grpc+proto; a=b"), false),
            (Some("application/grpc, text/html"), false),
            (Some("application/grpc "), false),
            (Some("application/grpc-web"), false),
            (Some("application/grpc-web+proto"), false),
            (Some("application/grpc-web-text"), false),
            (Some("application/grpcx"), false),
            (Some("application/grp"), false),
            (Some(""), false),
            (None, false),
        ];
        for (kind, expected) in table {
            let headers: HeaderMap =
                kind.map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind))).into_iter().collect();
            assert_eq!(is_grpc(&headers), expected, "{kind:?}");
            assert_eq!(claims_grpc(&Method::POST, &headers), expected, "{kind:?}");
            assert!(!claims_grpc(&Method::GET, &headers), "each call is a POST: {kind:?}");
        }
    }

    #[test]
    fn a_status_is_one_of_17_codes() {
        let of = |text: &[u8]| {
            let name = http::HeaderName::from_static("grpc-status");
            GrpcStatus::of(&HeaderMap::from_iter([(name, HeaderValue::from_bytes(text).unwrap())]))
        };
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
