//! Trace propagation targets, which select the URLs that get the headers.
//!
//! Source: Sentry's Trace Propagation document, `tracePropagationTargets`. A target is compared with the absolute URL
//! without credentials and fragment. Scheme and host are in lower case, the default port is omitted, and an empty path
//! is `/`. Dot segments are kept, and everything else is case-sensitive. The URL of a WebSocket is also compared in the
//! form of the HTTP request that opens it: `wss` as `https`, and `ws` as `http`.

mod analysis;
mod automaton;
mod explanation;
#[cfg(feature = "regex")]
mod expression;
mod into_targets;
mod matcher;
mod mistake;
#[cfg(not(feature = "regex"))]
mod no_expression;
mod search;
mod strangers;
mod symbol;
mod target;
mod url;
mod url_state;

use std::fmt;

use http::Uri;
use trace_core::Withheld;

pub use explanation::Explanation;
pub use into_targets::IntoTargets;
pub use mistake::{Mistake, TargetWarning};
pub use target::{Target, TargetError};
pub(crate) use url::RequestUrl;

use matcher::{Compiled, Matcher};
#[cfg(not(feature = "regex"))]
use no_expression as expression;
use search::Search;

/// The URLs that get the headers: all URLs, which is the default, or those that match a list.
///
/// ```
/// use trace_client::{PropagationTargets, Target};
///
/// let targets = PropagationTargets::new([Target::host("inventory.internal"), "orders".into()])?;
/// assert!(targets.explain("http://inventory.internal:8080/items/7").is_match());
/// assert!(!targets.explain("https://inventory.internal.evil.test/").is_match());
/// # Ok::<(), trace_client::TargetError>(())
/// ```
#[derive(Clone, Default)]
pub struct PropagationTargets {
    /// `None` means all.
    list: Option<List>,
}

#[derive(Clone)]
struct List {
    targets: Vec<Target>,
    /// The targets that look at the parts of a URL.
    matchers: Vec<Matcher>,
    /// The search for the targets that look at the whole URL.
    search: Search,
}

impl PropagationTargets {
    /// Creates the targets from a list of targets or of texts. An empty list matches no URL.
    ///
    /// # Errors
    ///
    /// Returns an error if a target is empty, if its text is not what its kind requires (a host, an origin, a URL
    /// prefix, a path or a regular expression), or if it is a regular expression that cannot match any URL, such as
    /// `^/api/`.
    pub fn new<Item>(targets: impl IntoTargets<Item>) -> Result<Self, TargetError> {
        targets.into_targets()
    }

    fn compile(targets: Vec<Target>) -> Result<Self, TargetError> {
        let (mut matchers, mut texts, mut expressions) = (Vec::new(), Vec::new(), Vec::new());
        for target in &targets {
            match target.compile()? {
                Compiled::Parts(matcher) => matchers.push(matcher),
                Compiled::Text(text) => texts.push(text),
                Compiled::Expression(expression) => expressions.push(expression),
            }
        }
        let search = Search::new(&texts, expressions);
        Ok(Self { list: Some(List { targets, matchers, search }) })
    }

    /// Returns whether there is a list and it is empty.
    pub(crate) fn are_none(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.targets.is_empty())
    }

    /// Returns whether this URI is a target. A URI without a host matches no list. The layer never puts the headers on
    /// a request to Sentry's own [endpoint](trace_core::Dsn::is_endpoint), even if it is a target.
    ///
    /// ```
    /// use trace_client::{PropagationTargets, Target};
    ///
    /// let targets = PropagationTargets::new([Target::host("inventory.internal")])?;
    /// assert!(targets.matches(&http::Uri::from_static("http://inventory.internal:8080/items/7")));
    /// assert!(!targets.matches(&http::Uri::from_static("/items/7")));
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn matches(&self, uri: &Uri) -> bool {
        match &self.list {
            None => true,
            Some(list) if list.targets.is_empty() => false,
            Some(list) => RequestUrl::of(uri, None).is_some_and(|url| list.is_match(&url)),
        }
    }

    /// Returns the reason why a request must not carry the headers, or `None` if it may. `url` is `None` if the host is
    /// unknown.
    pub(crate) fn refuse(&self, url: Option<&RequestUrl<'_>>) -> Option<Withheld> {
        match (&self.list, url) {
            (None, _) => None,
            (Some(list), _) if list.targets.is_empty() => Some(Withheld::NotATarget),
            (Some(_), None) => Some(Withheld::UnknownHost),
            (Some(list), Some(url)) => (!list.is_match(url)).then_some(Withheld::NotATarget),
        }
    }

    /// Explains which target a URL matches, which foreign URL matches it as well, and what is [wrong](Self::warnings)
    /// with the list.
    #[must_use]
    pub fn explain(&self, url: &str) -> Explanation {
        let targets = self.list.as_ref().map(|list| list.targets.as_slice());
        Explanation::of(targets, url, self.warnings())
    }

    /// Returns warnings about the targets that match none of the URLs that they seem to be meant for, with the reasons.
    /// A service should log them when it starts. At most 32 alternatives of a regular expression are reported. If
    /// several groups have alternatives, only the first 32 are checked.
    ///
    /// ```
    /// use trace_client::{Mistake, PropagationTargets, Target};
    ///
    /// let targets = PropagationTargets::new([Target::substring("API.example.com"), Target::host("shop.internal")])?;
    /// let warnings = targets.warnings();
    /// assert_eq!(warnings.len(), 1);
    /// assert_eq!(warnings[0].mistakes(), [Mistake::UpperCase]);
    /// # Ok::<(), trace_client::TargetError>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> Vec<TargetWarning> {
        self.list.iter().flat_map(|list| &list.targets).flat_map(Target::warnings).collect()
    }
}

/// Shows the targets.
impl fmt::Debug for PropagationTargets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = self.list.as_ref().map(|list| &list.targets);
        f.debug_tuple("PropagationTargets").field(&targets).finish()
    }
}

impl List {
    fn is_match(&self, url: &RequestUrl<'_>) -> bool {
        url.passes(|url| {
            self.matchers.iter().any(|matcher| matcher.is_match(url))
                || (!self.search.is_empty() && url.with_text(|text| self.search.is_match(text)))
        })
    }
}

#[cfg(test)]
mod tests;
