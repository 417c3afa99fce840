//! The authority of a URL, split into its parts.

/// An authority without credentials: a host and an optional port.
///
/// ```
/// use trace_core::Authority;
///
/// let authority = Authority::of("user:password@[::1]:8080").unwrap();
/// assert_eq!((authority.host(), authority.port()), ("[::1]", Some(8080)));
/// assert_eq!(Authority::of("evil.test:.example.com"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority<'a> {
    address: &'a str,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Splits the authority of a parsed URI. Returns `None` if there is no host or the port is not a number: a request
    /// to `evil.test:.example.com` goes to `evil.test`, which must not be taken for a subdomain of `example.com`.
    #[must_use]
    pub fn of(authority: &'a str) -> Option<Self> {
        let address = after_credentials(authority);
        let end_of_ipv6 = if address.starts_with('[') { address.find(']')? } else { 0 };
        let colon = memchr::memchr(b':', address.as_bytes().get(end_of_ipv6..)?);
        let (host, digits) = match colon {
            Some(place) => address.split_at_checked(end_of_ipv6 + place)?,
            None => (address, ""),
        };
        let port = match digits.strip_prefix(':').unwrap_or_default() {
            "" => None,
            // The parser of numbers accepts a sign, which a port must not have.
            signed if signed.starts_with('+') => return None,
            digits => Some(digits.parse().ok()?),
        };
        (!host.is_empty()).then_some(Self { address, host, port })
    }

    /// Splits any text, such as a `Host` header. The host must be a name, an IPv4 address or an IPv6 address in
    /// brackets. That is stricter than RFC 3986, which allows `*` and `%` although no resolver accepts them.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::of(text).filter(|authority| is_host(authority.host))
    }

    /// Returns the host as written; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.host
    }

    /// Returns the port, if there is one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns the host and port as written.
    #[must_use]
    pub fn address(&self) -> &'a str {
        self.address
    }
}

fn after_credentials(authority: &str) -> &str {
    match memchr::memrchr(b'@', authority.as_bytes()) {
        Some(at) => authority.get(at + 1..).unwrap_or_default(),
        None => authority,
    }
}

fn is_host(host: &str) -> bool {
    let in_ipv6 = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match host.strip_prefix('[').and_then(|address| address.strip_suffix(']')) {
        Some(address) => address.bytes().all(in_ipv6),
        None => !host.is_empty() && host.bytes().all(in_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port() {
        let table = [
            ("a.test", Some(("a.test", None, "a.test"))),
            ("a.test:8080", Some(("a.test", Some(8080), "a.test:8080"))),
            ("a.test:", Some(("a.test", None, "a.test:"))),
            ("a.test:0080", Some(("a.test", Some(80), "a.test:0080"))),
            ("[::1]", Some(("[::1]", None, "[::1]"))),
            ("[::1]:81", Some(("[::1]", Some(81), "[::1]:81"))),
            ("user:pass@a.test:1", Some(("a.test", Some(1), "a.test:1"))),
            ("a@b@my_service", Some(("my_service", None, "my_service"))),
            ("a.test:65536", None),
            ("a.test:+80", None),
            ("a.test::80", None),
            ("evil.test:.a.test", None),
            ("[::1]x", None),
            ("[::1", None),
            (":80", None),
            ("*", None),
            ("a/b", None),
            ("", None),
        ];
        for (text, expected) in table {
            let found = Authority::parse(text);
            let parts = found.map(|found| (found.host(), found.port(), found.address()));
            assert_eq!(parts, expected, "{text}");
        }
    }
}
