//! The URL of a request as targets see it.

use std::fmt::{self, Write};

use http::{HeaderValue, Uri};

/// A URL in parts, without credentials and fragment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestUrl<'a> {
    scheme: &'a str,
    host: &'a str,
    /// `None` for the scheme's own.
    port: Option<u16>,
    /// Begins with `/`, unless the path is empty.
    path_and_query: &'a str,
}

/// Room on the stack for the text of a URL; a longer one is rendered on the heap.
const INLINE: usize = 512;

impl<'a> RequestUrl<'a> {
    /// The URL of a request. In origin form the host is that of the `Host` header, and the scheme counts as `http`,
    /// since nothing names it. `None` if nothing names a host.
    pub(crate) fn of(uri: &'a Uri, host: Option<&'a HeaderValue>) -> Option<Self> {
        let (host, port) = match uri.authority() {
            // It was checked when the URI was made.
            Some(authority) => split_port(after_credentials(authority.as_str()))?,
            None => valid_host(after_credentials(host?.to_str().ok()?.trim()))?,
        };
        let scheme = uri.scheme_str().unwrap_or("http");
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        let port = port.filter(|port| *port != default_port(scheme));
        Some(Self { scheme, host, port, path_and_query })
    }

    /// The host as it was written, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &'a str {
        self.host
    }

    /// The port: the one given, else that of the scheme.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(default_port(self.scheme))
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
    pub(super) fn with_text<R>(&self, look: impl FnOnce(&str) -> R) -> R {
        let mut text = Text { inline: [0; INLINE], length: 0 };
        match self.write(&mut text) {
            Ok(()) => look(text.as_str()),
            Err(fmt::Error) => look(&self.to_string()),
        }
    }

    fn write(&self, text: &mut impl Write) -> fmt::Result {
        let Self { scheme, host, port, path_and_query } = *self;
        write_lower_case(text, scheme)?;
        text.write_str("://")?;
        write_lower_case(text, host)?;
        if let Some(port) = port {
            write!(text, ":{port}")?;
        }
        // An empty path, and the form `*` of OPTIONS, which is none.
        if !path_and_query.starts_with('/') {
            text.write_str("/")?;
        }
        text.write_str(path_and_query)
    }
}

/// The whole text, scheme and host in lower case.
impl fmt::Display for RequestUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

fn write_lower_case(text: &mut impl Write, part: &str) -> fmt::Result {
    if part.bytes().any(|byte| byte.is_ascii_uppercase()) {
        part.chars().try_for_each(|character| text.write_char(character.to_ascii_lowercase()))
    } else {
        text.write_str(part)
    }
}

fn after_credentials(authority: &str) -> &str {
    match memchr::memrchr(b'@', authority.as_bytes()) {
        Some(at) => authority.get(at + 1..).unwrap_or_default(),
        None => authority,
    }
}

/// Splits `host[:port]` and checks both. The host is a name, an IPv4 address or an IPv6 address in brackets: narrower
/// than RFC 3986, whose `*` and `%` no resolver takes.
pub(super) fn valid_host(address: &str) -> Option<(&str, Option<u16>)> {
    split_port(address).filter(|(host, _)| is_host(host))
}

/// Splits `host[:port]`; `None` if there is no host or the port is no number: `evil.test:.example.com` goes to
/// `evil.test`, and must not pass for a subdomain.
fn split_port(address: &str) -> Option<(&str, Option<u16>)> {
    let end_of_ipv6 = address.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match address.get(end_of_ipv6..)?.split_once(':') {
        Some((name, port)) => (address.get(..end_of_ipv6 + name.len())?, port),
        None => (address, ""),
    };
    let port = match port {
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
        _ => return None,
    };
    (!host.is_empty()).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    let in_ipv6 = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match host.strip_prefix('[').and_then(|address| address.strip_suffix(']')) {
        Some(address) => address.bytes().all(in_ipv6),
        None => !host.is_empty() && host.bytes().all(in_name),
    }
}

fn default_port(scheme: &str) -> u16 {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("https") || is("wss") { 443 } else { 80 }
}

struct Text {
    inline: [u8; INLINE],
    length: usize,
}

impl Text {
    fn as_str(&self) -> &str {
        self.inline.get(..self.length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.inline.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
