//! A chain of redirects: which response is followed, and by what request.
//!
//! The rules are those of reqwest:
//!
//! | status | method | body |
//! | --- | --- | --- |
//! | 301, 302 | `POST` becomes `GET` | dropped if the method changes |
//! | 303 | all but `HEAD` become `GET` | dropped |
//! | 307, 308 | kept | kept |
//!
//! With a body go the headers that describe it. On another scheme, host or port, the headers with credentials are
//! removed for good. So is a `sentry-trace` that the application has written: it was meant for the first host, and what
//! the next one gets is decided as if it had not been there.

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, LOCATION,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{Method, StatusCode, Uri};

use super::library::{Request, Response, Url};

/// The headers that describe a body.
const OF_BODY: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];

/// The headers that are meant for one host only.
const OF_HOST: [HeaderName; 7] = [
    AUTHORIZATION,
    COOKIE,
    HeaderName::from_static("cookie2"),
    HOST,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("sentry-trace"),
    WWW_AUTHENTICATE,
];

/// A request that is repeated from hop to hop, without the headers that a layer writes.
#[derive(Debug)]
pub(crate) struct Chain {
    /// The request of the last hop. Its body is missing if it is a stream.
    last: Request,
    has_lost_body: bool,
    /// The number of redirects that may still be followed.
    left: usize,
}

impl Chain {
    pub(crate) fn new(request: &Request, limit: usize) -> Self {
        let copy = request.try_clone();
        let has_lost_body = copy.is_none();
        let last = copy.unwrap_or_else(|| {
            let mut bare = Request::new(request.method().clone(), request.url().clone());
            bare.headers_mut().clone_from(request.headers());
            *bare.timeout_mut() = request.timeout().copied();
            *bare.version_mut() = request.version();
            bare
        });
        Self { last, has_lost_body, left: limit }
    }

    /// Returns the request of the next hop. Returns `None` if the response is no redirect that can be followed, or if
    /// the limit is reached.
    pub(crate) fn follow(&mut self, response: &Response) -> Option<Request> {
        let (method, keeps_body) = method_after(response.status(), self.last.method())?;
        if keeps_body && self.has_lost_body {
            return None;
        }
        let location = response.headers().get(LOCATION)?;
        let next = url_after(self.last.url(), std::str::from_utf8(location.as_bytes()).ok()?)?;
        self.left = self.left.checked_sub(1)?;
        if next.origin() != self.last.url().origin() {
            self.remove(&OF_HOST);
        }
        if !keeps_body {
            self.remove(&OF_BODY);
            *self.last.body_mut() = None;
            self.has_lost_body = false;
        }
        *self.last.method_mut() = method;
        *self.last.url_mut() = next;
        self.last.try_clone()
    }

    fn remove(&mut self, names: &[HeaderName]) {
        for name in names {
            self.last.headers_mut().remove(name);
        }
    }
}

/// Returns the method of the next request, and whether it has the body of this one. Returns `None` if the status is no
/// redirect.
fn method_after(status: StatusCode, method: &Method) -> Option<(Method, bool)> {
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if *method == Method::POST => {
            Some((Method::GET, false))
        }
        StatusCode::SEE_OTHER if *method != Method::HEAD => Some((Method::GET, false)),
        StatusCode::SEE_OTHER => Some((Method::HEAD, false)),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => Some((method.clone(), true)),
        _ => None,
    }
}

/// Returns the URL of the next request, without credentials. Returns `None` if it cannot be sent by HTTP.
fn url_after(base: &Url, location: &str) -> Option<Url> {
    let is_text = |byte: u8| byte > b' ' && byte != 0x7f;
    if location.is_empty() || !location.bytes().all(is_text) {
        return None;
    }
    let mut url = base.join(location).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    // These fail only for URLs without a host.
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    (is_http && url.as_str().parse::<Uri>().is_ok()).then_some(url)
}

#[cfg(test)]
mod tests;
