//! The URL of a request as targets see it.

use std::fmt;

use http::{HeaderValue, Uri};
use trace_core::Authority;
use trace_http::scrub_path;

/// A URL in parts, without credentials and fragment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestUrl<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
    /// The host, and the port unless it is the default port of the scheme.
    address: &'a str,
    /// The path and query. They begin with `/`, unless the path is empty.
    path_and_query: &'a str,
}

/// The size of the buffer on the stack for the text of a URL. A longer text is allocated on the heap.
const ROOM: usize = 256;

impl<'a> RequestUrl<'a> {
    /// Returns the URL of a request. In origin form, the host is that of the `Host` header, and the scheme is assumed
    /// to be `http`. Returns `None` if the host is unknown.
    pub(crate) fn of(uri: &'a Uri, host: Option<&'a HeaderValue>) -> Option<Self> {
        let authority = match uri.authority() {
            Some(authority) => Authority::of(authority.as_str())?,
            None => Authority::parse(host?.to_str().ok()?.trim())?,
        };
        Some(Self::new(uri, authority, uri))
    }

    /// Returns the URL of a request whose URI has no host, at this origin. Returns `None` if the origin has none either.
    pub(crate) fn at(origin: &'a Uri, uri: &'a Uri) -> Option<Self> {
        Some(Self::new(origin, Authority::of(origin.authority()?.as_str())?, uri))
    }

    #[inline]
    fn new(origin: &'a Uri, authority: Authority<'a>, uri: &'a Uri) -> Self {
        let scheme = origin.scheme_str().unwrap_or("http");
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        let default = default_port(scheme);
        let (host, port) = (authority.host(), authority.port().unwrap_or(default));
        let address = if port == default { host } else { authority.address() };
        Self { scheme, host, port, address, path_and_query }
    }

    /// Returns whether this URL passes a test, or that of a WebSocket in the form of the HTTP request that opens it.
    #[inline]
    pub(super) fn passes(&self, test: impl Fn(&Self) -> bool) -> bool {
        test(self) || http_scheme(self.scheme).is_some_and(|scheme| test(&Self { scheme, ..*self }))
    }

    /// Returns the host as it was written. An IPv6 address is in brackets.
    pub(crate) fn host(&self) -> &'a str {
        self.host
    }

    /// Returns the port of the URL, or the default port of the scheme.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// Returns the path and query without the leading `/`. An empty path before a query has none.
    pub(super) fn after_slash(&self) -> &'a str {
        self.path_and_query.strip_prefix('/').unwrap_or(self.path_and_query)
    }

    /// Returns the path and query of the URI.
    pub(crate) fn path_and_query(&self) -> &'a str {
        self.path_and_query
    }

    /// Returns the URL without its query, in the form that may be recorded.
    pub(crate) fn without_query(&self) -> String {
        let path = scrub_path(self.path_and_query.split('?').next().unwrap_or_default());
        RequestUrl { path_and_query: &path, ..*self }.to_string()
    }

    /// Calls `look` with the text of the whole URL.
    #[inline]
    pub(super) fn with_text<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        let (mut room, mut length) = ([0; ROOM], 0);
        let mut write = |part: &str| {
            let end = length + part.len();
            room.get_mut(length..end)?.copy_from_slice(part.as_bytes());
            length = end;
            Some(())
        };
        let is_written = self.parts().into_iter().all(|part| write(part).is_some());
        match room.get_mut(..length).filter(|_| is_written) {
            Some(text) => {
                self.lower(text);
                look(text)
            }
            None => look(self.to_string().as_bytes()),
        }
    }

    /// Returns the unchanged parts of the text.
    #[inline]
    fn parts(&self) -> [&'a str; 5] {
        let Self { scheme, address, path_and_query, .. } = *self;
        // An empty path and the `*` of an OPTIONS request do not begin with a slash.
        let slash = if path_and_query.starts_with('/') { "" } else { "/" };
        [scheme, "://", address, slash, path_and_query]
    }

    /// Converts scheme and host of the text to lower case.
    #[inline]
    fn lower(&self, text: &mut [u8]) {
        let length = self.scheme.len() + "://".len() + self.host.len();
        if let Some(origin) = text.get_mut(..length) {
            origin.make_ascii_lowercase();
        }
    }
}

/// Shows the whole URL, with scheme and host in lower case.
impl fmt::Display for RequestUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.parts().concat().into_bytes();
        self.lower(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// Returns the scheme of the HTTP request that opens a WebSocket; `None` for the scheme of anything else.
#[inline]
fn http_scheme(scheme: &str) -> Option<&'static str> {
    if scheme.eq_ignore_ascii_case("ws") {
        Some("http")
    } else if scheme.eq_ignore_ascii_case("wss") {
        Some("https")
    } else {
        None
    }
}

fn default_port(scheme: &str) -> u16 {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("https") || is("wss") { 443 } else { 80 }
}
