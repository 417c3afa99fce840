//! What keeps a target from the URLs that it is meant for.

use std::fmt;

use super::Target;

/// A reason why a text or pattern does not match the URL that it was written for.
///
/// The URL that targets see is absolute, begins with the scheme, and has neither credentials nor a fragment nor a default
/// port; its scheme and host are in lower case, and an empty path is `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mistake {
    /// It begins with a scheme that no HTTP client has.
    OtherScheme,
    /// It is anchored at a path, such as `^/api/`.
    MissingOrigin,
    /// It is anchored at a host, such as `^api\.example\.com/`.
    MissingScheme,
    /// It has a user name or a password in front of the host.
    Credentials,
    /// It has characters outside of ASCII.
    NonAscii,
    /// It has white space.
    WhiteSpace,
    /// It has a fragment, such as `#top`.
    Fragment,
    /// It lacks a slash: behind the scheme, as in `https:/example.com`, or behind the host, where the end or a query
    /// follows, as in `^https://example\.com$`.
    MissingSlash,
    /// It has the default port of a scheme.
    DefaultPort,
    /// It has upper-case letters in scheme or host.
    UpperCase,
    /// It looks like a glob or a regular expression, such as `*.example.com`, and is none.
    Pattern,
}

impl Mistake {
    /// Those that the parts of a URL show, the least likely first.
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

/// What the text has, and what the URL has instead.
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
            Self::Pattern => "it looks like a pattern, and is compared as it is: use Target::regex",
        })
    }
}

/// A target, or one alternative of a regular expression, that does not match the URLs that it seems to be meant for. Asked
/// for by [`PropagationTargets::warnings`](crate::PropagationTargets::warnings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetWarning {
    pub(super) target: Target,
    pub(super) alternative: Option<String>,
    pub(super) is_dead: bool,
    pub(super) mistakes: Vec<Mistake>,
}

impl TargetWarning {
    /// The target.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The alternative of the regular expression, if it is not the whole; written by the parser, so not always as it was
    /// given.
    #[must_use]
    pub fn alternative(&self) -> Option<&str> {
        self.alternative.as_deref()
    }

    /// Whether it matches no URL at all. Else it matches by accident: where a path or a query holds the text.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    /// The mistakes, all of which have to be mended. None are known if it contradicts itself.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// The target and the reason.
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

/// Whether a text has what globs, regular expressions and templates of paths have, and hardly any URL.
pub(super) fn looks_like_pattern(text: &str) -> bool {
    let has_braces = text.split_once('{').is_some_and(|(_, rest)| rest.contains('}'));
    // In front of a name, a dollar is usual: `/$metadata`.
    let has_signs = text.contains(['*', '^', '\\', '|']) || text.ends_with('$');
    has_braces || has_signs || text.contains("(?") || text.contains(".+")
}

/// The mistakes as a text.
pub(super) fn reasons(mistakes: &[Mistake]) -> String {
    if mistakes.is_empty() {
        return "it contradicts itself".to_owned();
    }
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
