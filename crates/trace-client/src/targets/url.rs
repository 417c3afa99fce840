//! The URL of a request as targets see it.

use std::fmt;

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
        let authority = match uri.authority() {
            Some(authority) => authority.as_str(),
            None => host?.to_str().ok()?.trim(),
        };
        let address = authority
            .rsplit_once('@')
            .map_or(authority, |(_, address)| address);
        let (host, port) = split_port(address)?;
        let scheme = uri.scheme_str().unwrap_or("http");
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        let path_and_query = if path_and_query.is_empty() {
            "/"
        } else {
            path_and_query
        };
        let port = port.filter(|port| *port != default_port(scheme));
        Some(Self {
            scheme,
            host,
            port,
            path_and_query,
        })
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
        self.path_and_query
            .strip_prefix('/')
            .unwrap_or(self.path_and_query)
    }

    /// The URL without its query, as it may be recorded.
    pub(crate) fn without_query(&self) -> String {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        Self {
            path_and_query: path,
            ..*self
        }
        .to_string()
    }

    /// Calls `look` with the whole text.
    pub(super) fn with_text<R>(&self, look: impl FnOnce(&str) -> R) -> R {
        let mut text = Text {
            inline: [0; INLINE],
            length: 0,
        };
        match fmt::write(&mut text, format_args!("{self}")) {
            Ok(()) => look(text.as_str()),
            Err(fmt::Error) => look(&self.to_string()),
        }
    }
}

/// The whole text, scheme and host in lower case.
impl fmt::Display for RequestUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scheme,
            host,
            port,
            path_and_query,
        } = *self;
        lower_case(f, scheme)?;
        f.write_str("://")?;
        lower_case(f, host)?;
        if let Some(port) = port {
            write!(f, ":{port}")?;
        }
        // The form `*` of OPTIONS is no path.
        if !path_and_query.starts_with('/') {
            f.write_str("/")?;
        }
        f.write_str(path_and_query)
    }
}

fn lower_case(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.chars()
            .try_for_each(|character| fmt::Write::write_char(f, character.to_ascii_lowercase()))
    } else {
        f.write_str(text)
    }
}

/// Splits `host[:port]`; `None` if either is none. The host is a name, an IPv4 address or an IPv6 address in brackets:
/// narrower than RFC 3986, whose `*` and `%` no resolver takes.
pub(super) fn split_port(address: &str) -> Option<(&str, Option<u16>)> {
    let end_of_ipv6 = address.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match address.get(end_of_ipv6..)?.split_once(':') {
        Some((name, port)) => (address.get(..end_of_ipv6 + name.len())?, port),
        None => (address, ""),
    };
    // `u16::from_str` would take a leading `+`.
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = match port {
        "" => None,
        digits => Some(digits.parse().ok()?),
    };
    (is_host(host) && is_number).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    let ipv6 = host
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'));
    let in_ipv6 = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !host.is_empty()
        && ipv6.map_or_else(
            || host.bytes().all(in_name),
            |address| address.bytes().all(in_ipv6),
        )
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
        self.inline
            .get(..self.length)
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.inline
            .get_mut(self.length..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
