//! What targets look for in a URL.

use memchr::memmem::Finder;

use super::url::RequestUrl;

/// What a target looks for, in lower case where case does not count.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Host { host: String, port: Option<u16> },
    Origin { scheme: String, host: String, port: u16 },
    SubdomainsOf(String),
    UrlPrefix { origin: Box<Matcher>, after_slash: String },
    Substring(Box<Finder<'static>>),
}

impl Matcher {
    /// Whether it can only be decided on the whole text.
    pub(super) fn reads_text(&self) -> bool {
        matches!(self, Self::Substring(_))
    }

    pub(super) fn matches_parts(&self, url: &RequestUrl<'_>) -> bool {
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
                origin.matches_parts(url) && url.after_slash().starts_with(after_slash.as_str())
            }
            Self::Substring(_) => false,
        }
    }

    pub(super) fn matches_text(&self, text: &str) -> bool {
        matches!(self, Self::Substring(wanted) if wanted.find(text.as_bytes()).is_some())
    }
}
