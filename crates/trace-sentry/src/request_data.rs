//! The data of a request that events and transactions get.

use std::borrow::Cow;

use http::header::{COOKIE, FORWARDED, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use sentry_core::protocol::Request as OfficialRequest;
use trace_http::{is_sensitive_key, scrub_url};

use crate::cookies;
use crate::cut::{MAX_TEXT, cut};

/// The text that replaces a value that is not sent.
pub(crate) const FILTERED: &str = "[Filtered]";

/// The headers with the address of a person, besides `forwarded`. They are personal data like cookies.
const ADDRESSES: [&str; 4] = ["x-forwarded-for", "x-real-ip", "x-client-ip", "cf-connecting-ip"];

/// A request without its body. It is converted only if something is sent, which few requests need.
#[derive(Debug)]
pub(crate) struct RequestData {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    /// `true` if the client sends personal data.
    sends_pii: bool,
}

impl RequestData {
    pub(crate) fn of<B>(request: &Request<B>, sends_pii: bool) -> Self {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Self { method, uri, headers: request.headers().clone(), sends_pii }
    }

    /// Returns the request as the client sends it: the URL without credentials and sensitive values, and the headers
    /// without secrets and, unless the client sends personal data, without cookies and addresses.
    pub(crate) fn to_official(&self) -> OfficialRequest {
        OfficialRequest {
            method: Some(self.method().to_owned()),
            url: self.url().and_then(|url| url.parse().ok()),
            headers: self.headers.keys().map(|name| (name.as_str().to_owned(), self.joined(name))).collect(),
            ..OfficialRequest::default()
        }
    }

    pub(crate) fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Returns the URL without credentials and sensitive values, if its host is known.
    pub(crate) fn url(&self) -> Option<String> {
        let scheme = self.uri.scheme_str().unwrap_or("http");
        let host = match self.uri.authority() {
            Some(authority) => authority.as_str(),
            None => self.headers.get(HOST)?.to_str().ok()?,
        };
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        Some(scrub_url(&format!("{scheme}://{host}{path}")))
    }

    /// Returns the names of the headers, each with its values. Cookies are told apart, and left out unless the client
    /// sends personal data.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.headers.keys().filter_map(|name| {
            let owned = |value: Cow<'_, str>| vec![value.into_owned()];
            let shown = |value: Cow<'_, str>| match name {
                name if *name == COOKIE => cookies::of_cookie(&value),
                name if *name == SET_COOKIE => cookies::of_set_cookie(&value),
                _ => owned(value),
            };
            let is_cookie = [COOKIE, SET_COOKIE].contains(name);
            (self.sends_pii || !is_cookie)
                .then(|| (name.as_str(), self.values(name).flat_map(shown).collect()))
        })
    }

    /// Returns the values of a header as one text.
    fn joined(&self, name: &HeaderName) -> String {
        self.values(name).collect::<Vec<_>>().join(", ")
    }

    /// Returns the values of a header. Bytes that are no UTF-8 are replaced.
    fn values(&self, name: &HeaderName) -> impl Iterator<Item = Cow<'_, str>> {
        self.headers.get_all(name).into_iter().map(|value| match self.may_send(name, value) {
            true => match String::from_utf8_lossy(value.as_bytes()) {
                Cow::Borrowed(text) => cut(text, MAX_TEXT).into(),
                Cow::Owned(text) => cut(&text, MAX_TEXT).to_owned().into(),
            },
            false => FILTERED.into(),
        })
    }

    fn may_send(&self, name: &HeaderName, value: &HeaderValue) -> bool {
        let is_personal =
            [COOKIE, SET_COOKIE, FORWARDED].contains(name) || ADDRESSES.contains(&name.as_str());
        !value.is_sensitive() && !is_sensitive_key(name.as_str()) && (self.sends_pii || !is_personal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(target: &str, headers: &[(&str, &[u8])], sends_pii: bool) -> OfficialRequest {
        let mut request = Request::post(target).body(()).unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        }
        RequestData::of(&request, sends_pii).to_official()
    }

    #[test]
    fn headers_are_sent_without_secrets_and_personal_data() {
        let table: [(&str, &[u8], &str, &str); 12] = [
            ("accept", b"text/html", "text/html", "text/html"),
            ("user-agent", b"curl/8.5", "curl/8.5", "curl/8.5"),
            ("x-name", b"caf\xe9", "caf\u{fffd}", "caf\u{fffd}"),
            ("authorization", b"Basic s3cret", FILTERED, FILTERED),
            ("proxy-authorization", b"Basic s3cret", FILTERED, FILTERED),
            ("x-api-key", b"s3cret", FILTERED, FILTERED),
            ("x-csrf-token", b"s3cret", FILTERED, FILTERED),
            ("cookie", b"theme=dark", FILTERED, "theme=dark"),
            ("set-cookie", b"theme=dark", FILTERED, "theme=dark"),
            ("x-forwarded-for", b"192.0.2.1", FILTERED, "192.0.2.1"),
            ("forwarded", b"for=192.0.2.1", FILTERED, "for=192.0.2.1"),
            ("x-real-ip", b"192.0.2.1", FILTERED, "192.0.2.1"),
        ];
        for (name, value, expected, with_pii) in table {
            for (sends_pii, expected) in [(false, expected), (true, with_pii)] {
                let request = converted("/", &[(name, value)], sends_pii);
                assert_eq!(request.headers[name], expected, "{name}, {sends_pii}");
            }
        }
        let mut sensitive = Request::get("/").body(()).unwrap();
        let mut value = HeaderValue::from_static("s3cret");
        value.set_sensitive(true);
        sensitive.headers_mut().insert("x-note", value);
        assert_eq!(RequestData::of(&sensitive, true).to_official().headers["x-note"], FILTERED);
        let several = converted("/", &[("accept", b"a/b"), ("accept", b"c/d")], false);
        assert_eq!(several.headers["accept"], "a/b, c/d");
    }

    #[test]
    fn the_url_is_whole_and_scrubbed() {
        let host: (&str, &[u8]) = ("host", b"shop.test:8080");
        let table = [
            ("/orders/17?page=2", vec![host], Some("http://shop.test:8080/orders/17?page=2")),
            ("/orders?token=s3cret", vec![host], Some("http://shop.test:8080/orders?token=[Filtered]")),
            ("https://shop.test/orders", vec![host], Some("https://shop.test/orders")),
            ("/orders", vec![], None),
            ("/orders", vec![("host", b"caf\xe9".as_slice())], None),
            ("/orders", vec![("host", b"user:s3cret@shop.test".as_slice())], Some("http://shop.test/orders")),
        ];
        for (target, headers, expected) in table {
            let request = converted(target, &headers, false);
            assert_eq!(request.url.as_ref().map(|url| url.as_str()), expected, "{target}");
            assert_eq!(request.method.as_deref(), Some("POST"));
        }
    }
}
