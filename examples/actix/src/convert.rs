//! Requests and responses of actix-web, which has the types of `http` 0.2, as those of `http` 1.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http as old;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};

/// Returns a request of `http` with the whole request as its body. What `http` 1 does not accept is left out.
pub(crate) fn request(request: ServiceRequest) -> Request<ServiceRequest> {
    let mut head = Request::new(());
    *head.method_mut() = Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
    *head.uri_mut() = request.uri().to_string().parse().unwrap_or_default();
    *head.version_mut() = match request.version() {
        old::Version::HTTP_10 => Version::HTTP_10,
        old::Version::HTTP_2 => Version::HTTP_2,
        _ => Version::HTTP_11,
    };
    *head.headers_mut() = headers(request.headers());
    head.map(|()| request)
}

/// Returns the head of a response, with `body` as its body.
pub(crate) fn response<B>(response: &ServiceResponse<()>, body: B) -> Response<B> {
    let mut head = Response::new(body);
    *head.status_mut() = status(response.status());
    *head.headers_mut() = headers(response.headers());
    head
}

pub(crate) fn status(old: old::StatusCode) -> StatusCode {
    StatusCode::from_u16(old.as_u16()).unwrap_or_default()
}

fn headers(old: &old::header::HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in old {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    headers
}

/// Replaces the headers of a response by those that the layer has left or added.
pub(crate) fn set_headers(response: &mut ServiceResponse<()>, headers: &HeaderMap) {
    let old = response.headers_mut();
    old.clear();
    for (name, value) in headers {
        let name = old::header::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, old::header::HeaderValue::from_bytes(value.as_bytes())) {
            old.append(name, value);
        }
    }
}
