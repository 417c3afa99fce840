//! The data source name (DSN): where a project lives, who may write to it, and which organization owns it.
//!
//! ```text
//! {scheme}://{public_key}[:{secret_key}]@{host}[:{port}]{path}/{project_id}
//! ```
//!
//! Source: Sentry's SDK documents, Transport and Authentication. Only parsed here; delivery is an adapter's work.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use http::Uri;

/// A parsed DSN.
///
/// ```
/// use trace_core::Dsn;
///
/// let dsn: Dsn = "https://key@o17.ingest.sentry.io/42".parse()?;
/// assert_eq!(dsn.public_key(), "key");
/// assert_eq!(dsn.organization_id().unwrap().to_string(), "17");
/// assert_eq!(dsn.project_id(), "42");
/// # Ok::<(), trace_core::ParseDsnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dsn {
    text: String,
    scheme: Scheme,
    public_key: String,
    host: String,
    port: Option<u16>,
    project_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Dsn {
    /// The public key: it travels as `sentry-public_key` in the baggage of traces that start here.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The host in lower case, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port: the one given, else that of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    /// The project's id, the last segment of the path.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The organization named by a first host label `o<digits>`, in either case.
    ///
    /// A host such as `o2.example.com` that does not mean an organization is read as one;
    /// [`TracerBuilder::org_id`](crate::TracerBuilder::org_id) overrides it.
    #[must_use]
    pub fn organization_id(&self) -> Option<OrganizationId> {
        let (label, _) = self.host.split_once('.')?;
        OrganizationId::parse(label.strip_prefix('o')?.as_bytes())
    }
}

impl FromStr for Dsn {
    type Err = ParseDsnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = |rule| ParseDsnError { rule };
        let uri: Uri = text.trim().parse().map_err(|_| fail("it must be a URL"))?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err(fail("its scheme must be http or https")),
        };
        let authority = uri.authority().ok_or(fail("it must have a host"))?;
        let (credentials, address) =
            authority.as_str().rsplit_once('@').ok_or(fail("it must have a public key in front of `@`"))?;
        let public_key = credentials.split(':').next().unwrap_or_default();
        if public_key.is_empty() {
            return Err(fail("it must have a public key in front of `@`"));
        }
        if authority.host().is_empty() {
            return Err(fail("it must have a host"));
        }
        let port = match address.strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':')) {
            Some(port) => Some(port.parse().map_err(|_| fail("its port must be a number of at most 65535"))?),
            None => None,
        };
        let project_id = uri.path().rsplit('/').next().unwrap_or_default();
        if project_id.is_empty() {
            return Err(fail("its path must end with a project id"));
        }
        Ok(Self {
            scheme,
            public_key: public_key.to_owned(),
            host: authority.host().to_ascii_lowercase(),
            port,
            project_id: project_id.to_owned(),
            text: text.trim().to_owned(),
        })
    }
}

/// The text as it was given.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text is not a DSN; the message names the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseDsnError {
    rule: &'static str,
}

impl fmt::Display for ParseDsnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot parse DSN: {} (expected http[s]://PUBLIC_KEY@HOST[:PORT][/PATH]/PROJECT_ID)",
            self.rule
        )
    }
}

impl std::error::Error for ParseDsnError {}

/// Number of a Sentry organization, never zero. It travels as `sentry-org_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrganizationId(NonZeroU64);

impl OrganizationId {
    /// The id of this number; `None` for 0, which means no organization.
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id).map(Self)
    }

    /// Reads decimal digits with white space around them; anything else, 0 included, is no id.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let number = text.trim_ascii().iter().try_fold(0_u64, |number, digit| {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            number.checked_mul(10)?.checked_add(digit.into())
        });
        number.and_then(Self::new)
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_dsn() {
        let table = [
            ("https://public@sentry.example.com/1", "public", "sentry.example.com", 443, "1"),
            ("https://public:secret@host:9000/a/b/42", "public", "host", 9000, "42"),
            ("http://k@[::1]:8080/7", "k", "[::1]", 8080, "7"),
            (" http://k@HOST/7 ", "k", "host", 80, "7"),
        ];
        for (text, key, host, port, project) in table {
            let dsn: Dsn = text.parse().unwrap();
            assert_eq!(
                (dsn.public_key(), dsn.host(), dsn.port(), dsn.project_id()),
                (key, host, port, project)
            );
            assert_eq!(dsn.to_string(), text.trim());
        }
    }

    #[test]
    fn what_is_no_dsn() {
        let table = [
            ("https://host/1", "public key"),
            ("https://:secret@host/1", "public key"),
            ("https://public@host/", "project id"),
            ("https://public@host", "project id"),
            ("ftp://public@host/1", "scheme"),
            ("public@host/1", "URL"),
            ("https://public@host:99999/1", "port"),
            ("", "URL"),
            ("not a url", "URL"),
        ];
        for (text, rule) in table {
            let error = text.parse::<Dsn>().unwrap_err().to_string();
            assert!(error.contains(rule), "{text:?}: {error}");
        }
    }

    #[test]
    fn organization_of_a_host() {
        let table = [
            ("o123.ingest.sentry.io", Some(123)),
            ("o123.ingest.us.sentry.io", Some(123)),
            ("O123.ingest.sentry.io", Some(123)),
            ("o123.relay.internal", Some(123)),
            ("o0.ingest.sentry.io", None),
            ("o.ingest.sentry.io", None),
            ("sentry.io", None),
            ("localhost", None),
            ("o123", None),
            ("o123x.ingest.sentry.io", None),
            ("o99999999999999999999.ingest.sentry.io", None),
        ];
        for (host, expected) in table {
            let dsn: Dsn = format!("https://key@{host}/1").parse().unwrap();
            assert_eq!(dsn.organization_id(), expected.and_then(OrganizationId::new), "{host}");
        }
    }

    #[test]
    fn organization_ids_are_numbers() {
        let table: [(&[u8], Option<u64>); 8] = [
            (b"1", Some(1)),
            (b" 01\t", Some(1)),
            (b"18446744073709551615", Some(u64::MAX)),
            (b"18446744073709551616", None),
            (b"0", None),
            (b"+1", None),
            (b"1x", None),
            (b"", None),
        ];
        for (text, expected) in table {
            assert_eq!(OrganizationId::parse(text), expected.and_then(OrganizationId::new), "{text:?}");
        }
    }
}
