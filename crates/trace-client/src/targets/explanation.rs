//! The explanation why a URL gets the headers or does not.

use std::fmt;

use http::Uri;
use trace_http::scrub_url;

use super::matcher::Compiled;
use super::mistake::TargetWarning;
use super::strangers::strangers;
use super::{RequestUrl, Target};

/// The reason why a URL gets the headers or does not, a foreign URL that matches as well, and the warnings about the
/// list. Created by [`PropagationTargets::explain`](super::PropagationTargets::explain).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    reason: Reason,
    /// A foreign URL that matches as well.
    stranger: Option<String>,
    warnings: Vec<TargetWarning>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    AllUrls,
    Target(Target),
    EmptyList,
    NoTarget,
    NoHost,
    NoUrl,
}

impl Explanation {
    pub(super) fn of(targets: Option<&[Target]>, url: &str, warnings: Vec<TargetWarning>) -> Self {
        let (reason, stranger) = match targets {
            None => (Reason::AllUrls, None),
            Some([]) => (Reason::EmptyList, None),
            Some(targets) => first_match(targets, url),
        };
        Self { reason, stranger, warnings }
    }

    /// Returns whether the URL gets the headers.
    #[must_use]
    pub fn is_match(&self) -> bool {
        matches!(self.reason, Reason::AllUrls | Reason::Target(_))
    }

    /// Returns the target that the URL matches. `None` if it matches none, or if there is no list.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match &self.reason {
            Reason::Target(target) => Some(target),
            _ => None,
        }
    }

    /// Returns a URL of another host that matches the same target, because its path or query can contain what the
    /// target looks for, or because its host is similar. It has no credentials, and no sensitive values in its query.
    #[must_use]
    pub fn stranger(&self) -> Option<&str> {
        self.stranger.as_deref()
    }

    /// Returns the [warnings](super::PropagationTargets::warnings) about the targets of the list.
    #[must_use]
    pub fn warnings(&self) -> &[TargetWarning] {
        &self.warnings
    }
}

/// Returns the first target that a URL matches, and the first foreign URL that matches it as well. Each target is
/// compiled once.
fn first_match(targets: &[Target], url: &str) -> (Reason, Option<String>) {
    let compile = |target| Some((target, Target::compile(target).ok()?));
    let matches = |target: &Compiled, url: &str| with_url(url, |url| is_match(target, url)) == Some(true);
    if with_url(url, |_| ()).is_none() {
        let is_path = url.parse().is_ok_and(|uri: Uri| uri.authority().is_none());
        return (if is_path { Reason::NoHost } else { Reason::NoUrl }, None);
    }
    let Some((target, compiled)) = targets.iter().filter_map(compile).find(|(_, it)| matches(it, url)) else {
        return (Reason::NoTarget, None);
    };
    let alike = with_url(&scrub_url(url), strangers).unwrap_or_default();
    let stranger = alike.into_iter().find(|url| matches(&compiled, url));
    (Reason::Target(target.clone()), stranger)
}

fn with_url<R>(url: &str, look: impl FnOnce(&RequestUrl<'_>) -> R) -> Option<R> {
    let uri: Uri = url.parse().ok()?;
    RequestUrl::of(&uri, None).as_ref().map(look)
}

fn is_match(target: &Compiled, url: &RequestUrl<'_>) -> bool {
    url.passes(|url| url.with_text(|text| target.is_match(url, text)))
}

/// Shows the reason and the warnings.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::AllUrls => f.write_str("matches: no list is set, so all URLs do")?,
            Reason::Target(target) => write!(f, "matches {target}")?,
            Reason::EmptyList => f.write_str("does not match: the list is empty")?,
            Reason::NoTarget => f.write_str("does not match: no target of the list does")?,
            Reason::NoHost => {
                f.write_str("does not match: it has no host, so the client has to name its origin")?
            }
            Reason::NoUrl => f.write_str(
                "does not match: it is no absolute URL, and a list matches no request without a host",
            )?,
        }
        if let Some(url) = &self.stranger {
            write!(f, "; warning: so does {url}, prefer a target that names the host")?;
        }
        self.warnings.iter().try_for_each(|warning| write!(f, "; warning: {warning}"))
    }
}
