//! Why a URL gets the headers or does not.

use std::fmt;

use http::Uri;

use super::{PropagationTargets, RequestUrl, Target};

/// Why a URL gets the headers or does not, and who else would. Made by [`PropagationTargets::explain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    reason: Reason,
    /// A URL of a stranger that would match as well.
    stranger: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    AllUrls,
    Target(Target),
    EmptyList,
    NoTarget,
    NoUrl,
}

impl Explanation {
    pub(super) fn of(targets: Option<&[Target]>, url: &str) -> Self {
        let reason = match targets {
            None => Reason::AllUrls,
            Some([]) => Reason::EmptyList,
            Some(targets) if is_absolute(url) => match targets.iter().find(|target| matches(target, url)) {
                Some(target) => Reason::Target(target.clone()),
                None => Reason::NoTarget,
            },
            Some(_) => Reason::NoUrl,
        };
        let stranger = match &reason {
            Reason::Target(target) => strangers(url).into_iter().flatten().find(|url| matches(target, url)),
            _ => None,
        };
        Self { reason, stranger }
    }

    /// Whether the URL gets the headers.
    #[must_use]
    pub fn is_match(&self) -> bool {
        matches!(self.reason, Reason::AllUrls | Reason::Target(_))
    }

    /// The target that it matches, if there is a list.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match &self.reason {
            Reason::Target(target) => Some(target),
            _ => None,
        }
    }

    /// A URL of another host that matches the same target, because a query can hold what it looks for or a longer host
    /// begins with it.
    #[must_use]
    pub fn stranger(&self) -> Option<&str> {
        self.stranger.as_deref()
    }
}

fn is_absolute(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| RequestUrl::of(&uri, None).is_some())
}

/// What a stranger may call itself to look like this URL.
fn strangers(url: &str) -> [Option<String>; 2] {
    let uri: Option<Uri> = url.parse().ok();
    let url_of = |uri| RequestUrl::of(uri, None);
    let longer_host = uri.as_ref().and_then(url_of).map(|url| {
        let (scheme, host) = (url.scheme(), url.host().to_ascii_lowercase());
        format!("{scheme}://{host}.stranger.test/{}", url.after_slash())
    });
    [Some(format!("https://stranger.test/?{url}")), longer_host]
}

/// Whether a target of a list that could be built matches a URL.
fn matches(target: &Target, url: &str) -> bool {
    let uri = url.parse::<Uri>();
    let alone = PropagationTargets::new([target.clone()]);
    matches!((alone, uri), (Ok(alone), Ok(uri)) if alone.matches(&uri))
}

/// The reason, and a warning if a stranger would match too.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::AllUrls => f.write_str("matches: no list is set, so all URLs do")?,
            Reason::Target(target) => write!(f, "matches {target}")?,
            Reason::EmptyList => f.write_str("does not match: the list is empty")?,
            Reason::NoTarget => f.write_str("does not match: no target of the list does")?,
            Reason::NoUrl => f.write_str("does not match: it is no absolute URL")?,
        }
        match &self.stranger {
            Some(url) => write!(f, "; warning: so does {url}, prefer a target that names the host"),
            None => Ok(()),
        }
    }
}
