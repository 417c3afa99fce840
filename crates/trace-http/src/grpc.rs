//! gRPC over HTTP, as far as headers and trailers show it.
//!
//! Source: the gRPC document "gRPC over HTTP2", and tonic, whose reading of a status is used here.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use trace_core::SpanStatus;

pub(crate) const OPERATION: &str = "grpc.server";
pub(crate) const ORIGIN: &str = "auto.grpc.tower";
/// The operation and origin of a request before its answer shows that it is gRPC.
pub(crate) const OPERATION_BEFORE: &str = "http.server";
pub(crate) const ORIGIN_BEFORE: &str = "auto.http.tower";

/// Returns whether a request to a server claims to be gRPC. Any caller can claim it; only a gRPC answer confirms it.
pub(crate) fn claims_grpc(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::POST && is_grpc(headers)
}

/// Returns whether the content type is that of gRPC, with or without a message encoding. gRPC-Web is excluded.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
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

/// The status that a gRPC answer has shown so far. The last status counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrpcAnswer {
    pub(crate) status: Option<GrpcStatus>,
    place: Place,
}

/// The place of a status in an answer.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the head, which is the whole answer so far.
    Head,
    /// In a head that more of the answer has followed, so that the final status is missing.
    NotAtEnd,
    Trailers,
}

impl GrpcAnswer {
    /// Returns the state of an answer with this head.
    pub(crate) fn new(head: &HeaderMap) -> Self {
        Self { status: GrpcStatus::of(head), place: Place::Head }
    }

    pub(crate) fn on_data(&mut self) {
        self.place = Place::NotAtEnd;
    }

    pub(crate) fn on_trailers(&mut self, trailers: &HeaderMap) {
        *self = match GrpcStatus::of(trailers) {
            None => Self { place: Place::NotAtEnd, ..*self },
            status => Self { status, place: Place::Trailers },
        };
    }

    /// Returns the code, if it can be read.
    pub(crate) fn code(self) -> Option<u32> {
        match self.status? {
            GrpcStatus::Code(code) => Some(code),
            GrpcStatus::Unreadable => None,
        }
    }

    /// Returns whether an answer that has ended shows that the method exists. A status in the head is final only if the
    /// head is the whole answer. A layer in front of the methods may send such an answer and reject all paths alike, so
    /// only the codes that nothing but a method returns are proof.
    pub(crate) fn proves_method(self, is_complete: bool) -> bool {
        const UNIMPLEMENTED: u32 = 12;
        match (self.code(), self.place) {
            (Some(code), Place::Trailers) => code != UNIMPLEMENTED,
            (Some(code), Place::Head) => is_complete && matches!(code, 0 | 3 | 5 | 6 | 9 | 10 | 11 | 15),
            (None, _) | (_, Place::NotAtEnd) => false,
        }
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

    fn with_status(text: &[u8]) -> HeaderMap {
        let name = http::HeaderName::from_static("grpc-status");
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(text).unwrap())])
    }

    #[test]
    fn a_method_is_proved_by_what_nothing_else_answers() {
        type Row =
            (&'static str, Option<&'static str>, bool, Option<Option<&'static str>>, Option<u32>, bool);
        // The status in the head, whether there is data, the trailers with a status of their own.
        let table: [Row; 15] = [
            ("a status in the head", Some("0"), false, None, Some(0), true),
            ("one that can be anybody's", Some("16"), false, None, Some(16), false),
            ("data after it", Some("0"), true, None, Some(0), false),
            ("trailers without one after it", Some("0"), false, Some(None), Some(0), false),
            ("one in trailers", None, true, Some(Some("16")), Some(16), true),
            ("one in trailers without a message", None, false, Some(Some("16")), Some(16), true),
            ("an unknown method", Some("12"), false, None, Some(12), false),
            ("an unknown method, said in trailers", None, true, Some(Some("12")), Some(12), false),
            ("a method, then none", Some("0"), false, Some(Some("12")), Some(12), false),
            ("no method, then one", Some("12"), false, Some(Some("0")), Some(0), true),
            ("a method, then nothing readable", Some("0"), true, Some(Some("abc")), None, false),
            ("nothing readable, then a method", Some("abc"), true, Some(Some("5")), Some(5), true),
            ("nothing readable", Some("abc"), false, None, None, false),
            ("nothing", None, true, None, None, false),
            ("trailers without a status", None, true, Some(None), None, false),
        ];
        let headers =
            |status: Option<&str>| status.map_or_else(HeaderMap::new, |it| with_status(it.as_bytes()));
        for (name, head, has_data, trailers, code, expected) in table {
            let mut answer = GrpcAnswer::new(&headers(head));
            if has_data {
                answer.on_data();
            }
            if let Some(trailers) = trailers {
                answer.on_trailers(&headers(trailers));
            }
            assert_eq!((answer.code(), answer.proves_method(true)), (code, expected), "{name}");
            let is_in_trailers = trailers.flatten().is_some();
            assert_eq!(answer.proves_method(false), expected && is_in_trailers, "{name}, given up");
        }
    }

    #[test]
    fn codes_that_middleware_gives_prove_a_method_only_in_trailers() {
        let proved = |in_trailers: bool| -> Vec<u32> {
            let proves = |code: &u32| {
                let status = with_status(code.to_string().as_bytes());
                if !in_trailers {
                    return GrpcAnswer::new(&status).proves_method(true);
                }
                let mut answer = GrpcAnswer::new(&HeaderMap::new());
                answer.on_data();
                answer.on_trailers(&status);
                answer.proves_method(true)
            };
            (0..=16).filter(proves).collect()
        };
        assert_eq!(proved(false), [0, 3, 5, 6, 9, 10, 11, 15]);
        assert_eq!(proved(true), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]);
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
