//! A target and its errors.

use std::fmt;

use http::Uri;
use trace_core::Authority;
use trace_http::strip_credentials;

use super::analysis::{self, Finding};
use super::expression::Expression;
use super::matcher::{Compiled, Matcher};
use super::mistake::{Mistake, TargetWarning, looks_like_pattern};
use super::url::RequestUrl;

/// One entry of the trace propagation targets.
///
/// Prefer targets that name a host. A substring or a regular expression is compared with the whole URL, so that a
/// foreign URL can match it: `https://evil.test/?next=api.example.com` matches `api.example.com`.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Host(String),
    Origin(String),
    SubdomainsOf(String),
    UrlPrefix(String),
    Path(String),
    Substring(String),
    #[cfg_attr(not(feature = "regex"), expect(dead_code, reason = "there is no such value"))]
    Regex(Expression),
}

impl Target {
    /// Creates a target that matches this host with any scheme. It matches any port, unless the text contains one, as
    /// in `api.example.com:8080`.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::host("api.example.com"), Target::host("[::1]:8080")])?;
    /// assert!(targets.explain("https://api.example.com:9000/v1").is_match());
    /// assert!(!targets.explain("https://v2.api.example.com/").is_match());
    /// assert!(!targets.explain("http://[::1]:8081/").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn host(host: impl Into<String>) -> Self {
        Self(Kind::Host(host.into()))
    }

    /// Creates a target that matches this scheme, host and port: `https://api.example.com`.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::origin("https://api.example.com")])?;
    /// assert!(targets.explain("https://api.example.com:443/v1").is_match());
    /// assert!(!targets.explain("http://api.example.com/v1").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn origin(origin: impl Into<String>) -> Self {
        Self(Kind::Origin(origin.into()))
    }

    /// Creates a target that matches every host below this one, but not the host itself.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::subdomains_of("example.com")])?;
    /// assert!(targets.explain("https://eu.api.example.com/").is_match());
    /// assert!(!targets.explain("https://example.com/").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn subdomains_of(domain: impl Into<String>) -> Self {
        Self(Kind::SubdomainsOf(domain.into()))
    }

    /// Creates a target that matches an origin and the beginning of path and query: `https://api.example.com/v1/`.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::url_prefix("https://api.example.com/v1/")])?;
    /// assert!(targets.explain("https://api.example.com/v1/orders").is_match());
    /// assert!(!targets.explain("https://api.example.com/v10/orders").is_match());
    /// assert!(!targets.explain("https://evil.test/?https://api.example.com/v1/").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn url_prefix(prefix: impl Into<String>) -> Self {
        Self(Kind::UrlPrefix(prefix.into()))
    }

    /// Creates a target that matches the beginning of a path, such as `/api/`, **on any host**, including foreign
    /// hosts. Use it only if you own every host that is called. Otherwise use [`url_prefix`](Self::url_prefix).
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::path("/api/")])?;
    /// assert!(targets.explain("https://shop.example.com/api/orders").is_match());
    /// assert!(targets.explain("https://stranger.test/api/").is_match());
    /// assert!(!targets.explain("https://shop.example.com/v1/api/").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn path(prefix: impl Into<String>) -> Self {
        Self(Kind::Path(prefix.into()))
    }

    /// Creates a target that matches URLs with this text anywhere. `&str` and `String` convert to it.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new(["example.com/v1"])?;
    /// assert!(targets.explain("https://api.example.com/v1/orders").is_match());
    /// // A stranger's URL too, if it names ours.
    /// assert!(targets.explain("https://evil.test/?next=example.com/v1").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn substring(text: impl Into<String>) -> Self {
        Self(Kind::Substring(text.into()))
    }

    /// Creates a target that matches URLs with a regular expression in the syntax of the `regex` crate. An expression
    /// that cannot match an absolute URL, such as `^/api/`, is rejected when the targets are set. So is one with a
    /// Unicode property, such as `\p{Greek}`, unless the application enables the feature `unicode` of `regex`: URLs are
    /// ASCII, and the tables are large.
    ///
    /// ```
    /// # use trace_client::{PropagationTargets, Target};
    /// let targets = PropagationTargets::new([Target::regex(r"^https://[^/]+\.internal/")])?;
    /// assert!(targets.explain("https://orders.internal/").is_match());
    /// assert!(!targets.explain("https://evil.test/orders.internal/").is_match());
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[cfg(feature = "regex")]
    #[must_use]
    pub fn regex(pattern: impl Into<String>) -> Self {
        Self(Kind::Regex(Expression::new(pattern.into())))
    }

    /// Checks and compiles the target.
    pub(super) fn compile(&self) -> Result<Compiled, TargetError> {
        let text = self.text();
        if text.is_empty() && matches!(self.0, Kind::Substring(_) | Kind::Regex(_)) {
            return Err(self.error("it must not be empty: an empty list sends no headers, no list sends all"));
        }
        let matcher = match &self.0 {
            Kind::Substring(text) => return Ok(Compiled::Text(text.clone())),
            Kind::Regex(expression) => {
                let compiled = expression.compile().map_err(|rule| self.error(rule))?;
                return Ok(Compiled::Expression(compiled));
            }
            Kind::Host(text) => {
                let (host, port) = self.address(text)?;
                Matcher::Host { host, port }
            }
            Kind::SubdomainsOf(text) => match self.address(text)? {
                (host, None) => Matcher::SubdomainsOf(format!(".{host}")),
                _ => return Err(self.error("it must be a host without a port")),
            },
            Kind::Origin(text) => match self.prefix(text)? {
                (origin, path) if path.is_empty() && !text.ends_with('?') => origin,
                _ => return Err(self.error("it must be a scheme, a host and perhaps a port, without a path")),
            },
            Kind::UrlPrefix(text) => {
                let (origin, after_slash) = self.prefix(text)?;
                Matcher::UrlPrefix { origin: Box::new(origin), after_slash }
            }
            Kind::Path(text) => {
                let rule = "it must be a path that begins with `/`, without query and fragment";
                let is_path = |text: &str| {
                    !text.contains(|char: char| matches!(char, '?' | '#' | ' ') || char.is_control())
                };
                let after_slash = text.strip_prefix('/').filter(|text| is_path(text));
                Matcher::Path { after_slash: after_slash.ok_or_else(|| self.error(rule))?.to_owned() }
            }
        };
        Ok(Compiled::Parts(matcher))
    }

    fn address(&self, text: &str) -> Result<(String, Option<u16>), TargetError> {
        parse_address(text)
            .map(|address| (address.host().to_ascii_lowercase(), address.port()))
            .ok_or_else(|| self.error("it must be a host, such as api.example.com"))
    }

    fn prefix(&self, text: &str) -> Result<(Matcher, String), TargetError> {
        let rule =
            "it must begin with a scheme and a host, such as https://api.example.com, without credentials";
        let uri: Uri = text.parse().map_err(|_| self.error(rule))?;
        let has_host = uri.authority().and_then(|authority| parse_address(authority.as_str())).is_some();
        let url = RequestUrl::of(&uri, None)
            .filter(|_| uri.scheme().is_some() && has_host && !text.contains('#'))
            .ok_or_else(|| self.error(rule))?;
        let origin = Matcher::Origin {
            scheme: url.scheme().to_ascii_lowercase(),
            host: url.host().to_ascii_lowercase(),
            port: url.port(),
        };
        Ok((origin, url.after_slash().to_owned()))
    }

    /// Returns the warnings about a target that can be compiled.
    pub(super) fn warnings(&self) -> Vec<TargetWarning> {
        let findings = match &self.0 {
            Kind::Regex(expression) => expression.findings(),
            _ => self.finding().map(|finding| (None, finding)).into_iter().collect(),
        };
        let warning = |(alternative, Finding { is_dead, mistakes })| TargetWarning {
            target: self.clone(),
            alternative,
            is_dead,
            mistakes,
        };
        findings.into_iter().map(warning).collect()
    }

    /// Returns the problem of a target that is compared as a text, in whole or in part.
    fn finding(&self) -> Option<Finding> {
        let text = match &self.0 {
            Kind::Substring(text) | Kind::Path(text) => text.clone(),
            Kind::UrlPrefix(text) => ["/", &self.prefix(text).ok()?.1].concat(),
            Kind::Host(_) | Kind::Origin(_) | Kind::SubdomainsOf(_) | Kind::Regex(_) => return None,
        };
        let text = text.as_str();
        if looks_like_pattern(self.text()) {
            let is_dead = analysis::dead(&text).is_some();
            return Some(Finding { is_dead, mistakes: vec![Mistake::Pattern] });
        }
        analysis::finding(&text)
    }

    fn text(&self) -> &str {
        match &self.0 {
            Kind::Host(text)
            | Kind::Origin(text)
            | Kind::SubdomainsOf(text)
            | Kind::UrlPrefix(text)
            | Kind::Path(text)
            | Kind::Substring(text) => text,
            Kind::Regex(expression) => expression.as_str(),
        }
    }

    pub(super) fn error(&self, rule: impl Into<String>) -> TargetError {
        TargetError { target: self.to_string(), rule: rule.into() }
    }
}

/// Parses a host without credentials. A leading dot or star is a mistake for the subdomains, and would match nothing.
fn parse_address(text: &str) -> Option<Authority<'_>> {
    let has_empty_label = |host: &str| host.strip_suffix('.').unwrap_or(host).split('.').any(str::is_empty);
    Authority::parse(text).filter(|address| !text.contains('@') && !has_empty_label(address.host()))
}

/// Creates a [substring](Target::substring) target.
impl From<&str> for Target {
    fn from(text: &str) -> Self {
        Self::substring(text)
    }
}

/// Creates a [substring](Target::substring) target.
impl From<String> for Target {
    fn from(text: String) -> Self {
        Self::substring(text)
    }
}

/// Shows the kind and the text, without credentials.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// Shows the kind and the text, without credentials: `host "api.example.com"`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Host(_) => "host",
            Kind::Origin(_) => "origin",
            Kind::SubdomainsOf(_) => "subdomains of",
            Kind::UrlPrefix(_) => "URL prefix",
            Kind::Path(_) => "path",
            Kind::Substring(_) => "substring",
            Kind::Regex(_) => "regex",
        };
        write!(f, "{kind} {:?}", strip_credentials(self.text()))
    }
}

/// The error of a target that cannot be used. The message names the option, the target and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetError {
    target: String,
    rule: String,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot set option trace_propagation_targets: {}: {}", self.target, self.rule)
    }
}

impl std::error::Error for TargetError {}
