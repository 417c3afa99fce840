//! The compiled targets, which are compared with a URL.

use super::expression::Regex;
use super::url::RequestUrl;

/// A compiled target.
pub(super) enum Compiled {
    Parts(Matcher),
    /// A text anywhere in the URL.
    Text(String),
    Expression(Regex),
}

impl Compiled {
    /// Returns whether a URL matches. `text` is the text of the URL.
    pub(super) fn is_match(&self, url: &RequestUrl<'_>, text: &[u8]) -> bool {
        match self {
            Self::Parts(matcher) => matcher.is_match(url),
            Self::Text(sought) => memchr::memmem::find(text, sought.as_bytes()).is_some(),
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// A target that is compared with the parts of a URL. Its parts are in lower case if case is ignored.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Host { host: String, port: Option<u16> },
    Origin { scheme: String, host: String, port: u16 },
    SubdomainsOf(String),
    UrlPrefix { origin: Box<Matcher>, after_slash: String },
    Path { after_slash: String },
}

impl Matcher {
    pub(super) fn is_match(&self, url: &RequestUrl<'_>) -> bool {
        match self {
            Self::Host { host, port } => {
                url.host().eq_ignore_ascii_case(host) && port.is_none_or(|port| port == url.port())
            }
            Self::Origin { scheme, host, port } => {
                url.scheme().eq_ignore_ascii_case(scheme)
                    && url.host().eq_ignore_ascii_case(host)
                    && *port == url.port()
            }
            Self::SubdomainsOf(suffix) => {
                let start = url.host().len().checked_sub(suffix.len()).filter(|start| *start > 0);
                let end = start.and_then(|start| url.host().get(start..));
                end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
            }
            Self::UrlPrefix { origin, after_slash } => {
                origin.is_match(url) && url.after_slash().starts_with(after_slash.as_str())
            }
            Self::Path { after_slash } => url.after_slash().starts_with(after_slash.as_str()),
        }
    }
}
