//! The data source name (DSN): the address of a project, the key to write to it, and the organization that owns it.
//!
//! ```text
//! {scheme}://{public_key}[:{secret_key}]@{host}[:{port}]{path}/{project_id}
//! ```
//!
//! Source: Sentry's SDK documents, Transport and Authentication. DSNs are only parsed here; an adapter delivers the
//! data.

mod redact;

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use http::Uri;

use crate::id::Authority;

/// A parsed DSN without its secret key. No current SDK sends that key, so it is not stored.
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
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    scheme: Scheme,
    public_key: String,
    host: String,
    port: Option<u16>,
    /// The path before `/{project_id}`.
    path: String,
    project_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Dsn {
    /// Returns the public key. It is sent as `sentry-public_key` in the baggage of traces that start here.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Returns the host in lower case; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the given port, else the default port of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    /// Returns the path before the project's id: empty, or that of a self-hosted Sentry, such as `/sentry`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the project's id, the last segment of the path.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Returns the organization that a first host label `o<digits>` names, in either case.
    ///
    /// A host such as `o2.example.com` is also read as an organization, even if it does not mean one.
    /// [`TracerBuilder::org_id`](crate::TracerBuilder::org_id) overrides it.
    #[must_use]
    pub fn organization_id(&self) -> Option<OrganizationId> {
        let (label, _) = self.host.split_once('.')?;
        OrganizationId::parse(label.strip_prefix('o')?.as_bytes())
    }

    /// Returns whether a URL of this host and path belongs to the API of the DSN's server, to which events are sent:
    /// the DSN's host, with any scheme and port, and a path that begins with the DSN's path and `/api/{digits}/`. A
    /// query may follow the path.
    ///
    /// ```
    /// use trace_core::Dsn;
    ///
    /// let dsn: Dsn = "https://key@example.com/sentry/42".parse()?;
    /// assert!(dsn.is_endpoint("example.com", "/sentry/api/42/envelope/"));
    /// assert!(!dsn.is_endpoint("example.com", "/api/orders"));
    /// # Ok::<(), trace_core::ParseDsnError>(())
    /// ```
    #[must_use]
    pub fn is_endpoint(&self, host: &str, path: &str) -> bool {
        let has_project = || {
            let after = path.strip_prefix(self.path.as_str())?.strip_prefix("/api/")?;
            let (project, _) = after.split_once('/')?;
            Some(!project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit()))
        };
        without_dot(host).eq_ignore_ascii_case(without_dot(&self.host)) && has_project().unwrap_or_default()
    }

    /// Returns a text that is meant as a DSN, without the parts that could be its secret key, for messages about
    /// invalid DSNs.
    ///
    /// ```
    /// use trace_core::Dsn;
    ///
    /// assert_eq!(Dsn::redact("https://public:s3cret@host:99999/1"), "https://public:…@host:99999/1");
    /// ```
    #[must_use]
    pub fn redact(text: &str) -> String {
        redact::redact(text)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.trim().parse().map_err(|_| "it must be a URL")?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err("its scheme must be http or https"),
        };
        let authority = uri.authority().ok_or("it must have a host")?;
        let no_key = "it must have a public key in front of `@`";
        let (credentials, _) = authority.as_str().rsplit_once('@').ok_or(no_key)?;
        // An encoded colon would make the secret key a part of the public one.
        if credentials.contains('%') {
            return Err("its keys must not be percent-encoded");
        }
        let public_key = credentials.split([':', '@']).next().filter(|key| !key.is_empty()).ok_or(no_key)?;
        if authority.host().is_empty() {
            return Err("it must have a host");
        }
        let address =
            Authority::of(authority.as_str()).ok_or("its port must be a number of at most 65535")?;
        let (path, project_id) = uri.path().rsplit_once('/').unwrap_or_default();
        if project_id.is_empty() {
            return Err("its path must end with a project id");
        }
        Ok(Self {
            scheme,
            public_key: public_key.to_owned(),
            host: address.host().to_ascii_lowercase(),
            port: address.port(),
            path: path.to_owned(),
            project_id: project_id.to_owned(),
        })
    }
}

/// Returns a host without the one dot that may end an absolute name.
fn without_dot(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

impl FromStr for Dsn {
    type Err = ParseDsnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).map_err(|rule| ParseDsnError { redacted: Self::redact(text), rule })
    }
}

impl TryFrom<&str> for Dsn {
    type Error = ParseDsnError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<&String> for Dsn {
    type Error = ParseDsnError;

    fn try_from(text: &String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for Dsn {
    type Error = ParseDsnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<Cow<'_, str>> for Dsn {
    type Error = ParseDsnError;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// Writes the DSN without its secret key.
impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, public_key, host, port, path, project_id } = self;
        let scheme = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{public_key}@{host}")?;
        if let Some(port) = port {
            write!(f, ":{port}")?;
        }
        write!(f, "{path}/{project_id}")
    }
}

/// Writes the DSN without its secret key.
impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

/// An error for a text that is not a DSN; the message names the violated rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseDsnError {
    redacted: String,
    rule: &'static str,
}

impl ParseDsnError {
    /// Returns the text without the parts that could be its secret key.
    pub(crate) fn redacted(&self) -> &str {
        &self.redacted
    }
}

/// Converts the error of a DSN that is already parsed, which cannot occur.
impl From<Infallible> for ParseDsnError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
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

/// The id of a Sentry organization, never zero. It is sent as `sentry-org_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrganizationId(NonZeroU64);

impl OrganizationId {
    /// Returns the id with this number; `None` for 0, which means no organization.
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id).map(Self)
    }

    /// Reads decimal digits with optional white space around them. Returns `None` for anything else, and for 0.
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
mod tests;
