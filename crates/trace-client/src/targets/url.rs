//! The URL of a request as targets see it.

use std::fmt;

use http::{HeaderValue, Uri};
use trace_core::http::{Authority, scrub_path};

/// A URL in parts, without credentials and fragment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestUrl<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
    /// The host, and the port unless it is the scheme's own.
    address: &'a str,
    /// Begins with `/`, unless the path is empty.
    path_and_query: &'a str,
}

/// Room on the stack for the text of a URL; a longer one is written to the heap.
const ROOM: usize = 256;

impl<'a> RequestUrl<'a> {
    /// The URL of a request. In origin form the host is that of the `Host` header, and the scheme counts as `http`,
    /// since nothing names it. `None` if nothing names a host.
    pub(crate) fn of(uri: &'a Uri, host: Option<&'a HeaderValue>) -> Option<Self> {
        let authority = match uri.authority() {
            Some(authority) => Authority::of(authority.as_str())?,
            None => Authority::parse(host?.to_str().ok()?.trim())?,
        };
        let scheme = uri.scheme_str().unwrap_or("http");
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        let default = default_port(scheme);
        let (host, port) = (authority.host(), authority.port().unwrap_or(default));
        let address = if port == default { host } else { authority.address() };
        Some(Self { scheme, host, port, address, path_and_query })
    }

    /// The host as it was written, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &'a str {
        self.host
    }

    /// The port: the one given, else that of the scheme.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// The path and query without the leading `/`, which an empty path before a query lacks.
    pub(super) fn after_slash(&self) -> &'a str {
        self.path_and_query.strip_prefix('/').unwrap_or(self.path_and_query)
    }

    /// The path and query as they are in the URI.
    pub(crate) fn path_and_query(&self) -> &'a str {
        self.path_and_query
    }

    /// The URL without its query, as it may be recorded.
    pub(crate) fn without_query(&self) -> String {
        let path = scrub_path(self.path_and_query.split('?').next().unwrap_or_default());
        RequestUrl { path_and_query: &path, ..*self }.to_string()
    }

    /// Calls `look` with the whole text.
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

    /// The parts of the text as they came.
    #[inline]
    fn parts(&self) -> [&'a str; 5] {
        let Self { scheme, address, path_and_query, .. } = *self;
        // An empty path, and the form `*` of OPTIONS, which is none.
        let slash = if path_and_query.starts_with('/') { "" } else { "/" };
        [scheme, "://", address, slash, path_and_query]
    }

    /// Makes scheme and host of the text lower case.
    #[inline]
    fn lower(&self, text: &mut [u8]) {
        let length = self.scheme.len() + "://".len() + self.host.len();
        if let Some(origin) = text.get_mut(..length) {
            origin.make_ascii_lowercase();
        }
    }
}

/// The whole text, scheme and host in lower case.
impl fmt::Display for RequestUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.parts().concat().into_bytes();
        self.lower(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

fn default_port(scheme: &str) -> u16 {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("https") || is("wss") { 443 } else { 80 }
}
