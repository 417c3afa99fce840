//! The mistakes that keep a target from matching the URLs that it is meant for.

use std::fmt;

use super::Target;

/// A reason why a text or pattern does not match the URL that it was written for.
///
/// The URL that targets see is absolute and begins with the scheme. It has no credentials, no fragment and no default
/// port. Its scheme and host are in lower case, and an empty path is `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// It begins with a scheme that HTTP clients do not use.
    OtherScheme,
    /// It is anchored at a path, such as `^/api/`.
    MissingOrigin,
    /// It is anchored at a host, such as `^api\.example\.com/`.
    MissingScheme,
    /// It has a user name or a password before the host.
    Credentials,
    /// It has characters outside of ASCII.
    NonAscii,
    /// It has white space.
    WhiteSpace,
    /// It has a fragment, such as `#top`.
    Fragment,
    /// It lacks a slash: after the scheme, as in `https:/example.com`, or between the host and the end or a query, as
    /// in `^https://example\.com$`.
    MissingSlash,
    /// It has the default port of a scheme.
    DefaultPort,
    /// It has upper-case letters in scheme or host.
    UpperCase,
    /// It looks like a glob or a regular expression, such as `*.example.com`, but is compared as plain text.
    Pattern,
}

impl Mistake {
    /// The mistakes in the parts of a URL, the least likely first.
    pub(super) const ALL: [Self; 10] = [
        Self::OtherScheme,
        Self::MissingOrigin,
        Self::MissingScheme,
        Self::Credentials,
        Self::NonAscii,
        Self::WhiteSpace,
        Self::Fragment,
        Self::MissingSlash,
        Self::DefaultPort,
        Self::UpperCase,
    ];
}

/// Describes what the text has and what the URL has instead.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherScheme => "it begins with a scheme other than http, https, ws and wss",
            Self::MissingOrigin => "it is anchored at a path, and the URL begins with scheme and host",
            Self::MissingScheme => "it is anchored at a host, and the URL begins with the scheme",
            Self::Credentials => "it has credentials, which the URL is matched without",
            Self::NonAscii => "it has characters outside of ASCII, which are encoded in a URL",
            Self::WhiteSpace => "it has white space, which no URL has",
            Self::Fragment => "it has a fragment, which the URL is matched without",
            Self::MissingSlash => {
                "it lacks a slash: two follow the scheme, and one the host even if the path is empty"
            }
            Self::DefaultPort => "it has a default port, which the URL is matched without",
            Self::UpperCase => "it has upper-case letters, and scheme and host are matched in lower case",
            Self::Pattern => {
                "it looks like a pattern, and is compared as it is: use Target::regex of the feature regex"
            }
        })
    }
}

/// A warning about a target, or about one alternative of a regular expression, that does not match the URLs that it
/// seems to be meant for. Returned by [`PropagationTargets::warnings`](crate::PropagationTargets::warnings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetWarning {
    pub(super) target: Target,
    pub(super) alternative: Option<String>,
    pub(super) is_dead: bool,
    pub(super) mistakes: Vec<Mistake>,
}

impl TargetWarning {
    /// Returns the target.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the alternative of the regular expression, or `None` if the warning is about the whole target. The
    /// parser formats it, so that it may differ from the original text.
    #[must_use]
    pub fn alternative(&self) -> Option<&str> {
        self.alternative.as_deref()
    }

    /// Returns whether the target matches no URL at all. Otherwise it matches by accident, if a path or a query
    /// contains the text.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// Returns the mistakes, all of which have to be corrected. Empty if the target contradicts itself.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// Shows the target and the reason.
impl fmt::Display for TargetWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, alternative, is_dead, mistakes } = self;
        match alternative {
            Some(alternative) => write!(f, "{alternative:?} of {target}")?,
            None => write!(f, "{target}")?,
        }
        f.write_str(if *is_dead { " matches no URL: " } else { " matches only by accident: " })?;
        f.write_str(&reasons(mistakes))
    }
}

/// Returns whether a text has characteristics of globs, regular expressions or path templates that are rare in URLs.
pub(super) fn looks_like_pattern(text: &str) -> bool {
    let has_braces = text.split_once('{').is_some_and(|(_, rest)| rest.contains('}'));
    // A dollar sign before a name is common: `/$metadata`.
    let has_signs = text.contains(['*', '^', '\\', '|']) || text.ends_with('$');
    has_braces || has_signs || text.contains("(?") || text.contains(".+")
}

/// Returns the mistakes as a text.
pub(super) fn reasons(mistakes: &[Mistake]) -> String {
    if mistakes.is_empty() {
        return "it contradicts itself".to_owned();
    }
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
