//! The URL of a request as targets see it.

use std::fmt;
use std::io::{self, Write};

use http::{HeaderValue, Uri};
use trace_core::http::Authority;

/// A URL in parts, without credentials and fragment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestUrl<'a> {
    scheme: &'a str,
    host: &'a str,
    port: u16,
    /// The digits of the port; empty for the scheme's own.
    port_digits: &'a str,
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
        let port = authority.port().unwrap_or(default);
        let port_digits = if port == default { "" } else { authority.port_digits() };
        Some(Self { scheme, host: authority.host(), port, port_digits, path_and_query })
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

    /// The URL without its query, as it may be recorded.
    pub(crate) fn without_query(&self) -> String {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        Self { path_and_query: path, ..*self }.to_string()
    }

    /// Calls `look` with the whole text.
    #[inline]
    pub(super) fn with_text<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        let mut room = [0; ROOM];
        let mut rest = room.as_mut_slice();
        let is_written = self.write(&mut rest).is_ok();
        let length = ROOM - rest.len();
        match room.get_mut(..length).filter(|_| is_written) {
            Some(text) => {
                self.lower(text);
                look(text)
            }
            None => look(self.to_string().as_bytes()),
        }
    }

    /// Writes the text as it came.
    #[inline]
    fn write(&self, text: &mut impl Write) -> io::Result<()> {
        let Self { scheme, host, port_digits, path_and_query, .. } = *self;
        text.write_all(scheme.as_bytes())?;
        text.write_all(b"://")?;
        text.write_all(host.as_bytes())?;
        if !port_digits.is_empty() {
            text.write_all(b":")?;
            text.write_all(port_digits.as_bytes())?;
        }
        // An empty path, and the form `*` of OPTIONS, which is none.
        if !path_and_query.starts_with('/') {
            text.write_all(b"/")?;
        }
        text.write_all(path_and_query.as_bytes())
    }

    /// Makes scheme and host of the text lower case.
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
        let mut text = Vec::new();
        self.write(&mut text).map_err(|_| fmt::Error)?;
        self.lower(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

fn default_port(scheme: &str) -> u16 {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("https") || is("wss") { 443 } else { 80 }
}
