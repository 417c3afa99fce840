//! The content type of gRPC.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

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
}
