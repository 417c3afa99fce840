//! Where Spotlight is, if it is to be used: by an option and by the variable `SENTRY_SPOTLIGHT`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ureq::http::Uri;

/// Where the sidecar listens unless somebody says otherwise.
const DEFAULT_URL: &str = "http://localhost:8969/stream";
const VARIABLE: &str = "SENTRY_SPOTLIGHT";

/// Whether and where a copy of everything is sent for [Spotlight](https://spotlightjs.com).
///
/// It converts from `bool` and from the URL as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spotlight {
    /// Nowhere, whatever `SENTRY_SPOTLIGHT` says.
    Off,
    /// To the URL of `SENTRY_SPOTLIGHT` if it is one, else to `http://localhost:8969/stream`.
    On,
    /// To this URL, whatever `SENTRY_SPOTLIGHT` says.
    Url(String),
}

impl From<bool> for Spotlight {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

impl From<&str> for Spotlight {
    fn from(url: &str) -> Self {
        Self::Url(url.to_owned())
    }
}

impl From<String> for Spotlight {
    fn from(url: String) -> Self {
        Self::Url(url)
    }
}

/// A URL that the sidecar cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) option: &'static str,
    pub(crate) value: String,
    pub(crate) rule: String,
}

impl Spotlight {
    /// Where to send by the option and the process's environment; `None` if nowhere.
    pub(crate) fn resolve(option: Option<&Self>) -> Result<Option<Uri>, Unusable> {
        let variable = std::env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned());
        let overruled = match (option, &variable) {
            (Some(Self::Url(url)), Some(variable)) if url != variable => Some((url, variable)),
            _ => None,
        };
        if let Some((url, variable)) = overruled {
            tell(format_args!("the option's URL {url} is used, not {VARIABLE}={variable}"));
        }
        choose(option, variable.as_deref())
    }
}

/// The one place in which this crate talks to the developer directly: about a tool that runs beside the program. However
/// many sinks a process has, the same is said once.
#[expect(clippy::print_stderr, reason = "whoever starts Spotlight looks at the terminal")]
pub(super) fn tell(message: fmt::Arguments<'_>) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(message.to_string()) {
        eprintln!("Spotlight: {message}");
    }
}

fn choose(option: Option<&Spotlight>, variable: Option<&str>) -> Result<Option<Uri>, Unusable> {
    let variable = match variable.map(str::trim) {
        None | Some("") => None,
        Some(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "y" | "yes" | "on" | "1" => Some(Spotlight::On),
            "false" | "f" | "n" | "no" | "off" | "0" => Some(Spotlight::Off),
            _ => Some(Spotlight::Url(text.to_owned())),
        },
    };
    let (name, chosen) = match (option, variable) {
        (Some(Spotlight::On), Some(url @ Spotlight::Url(_))) => (VARIABLE, url),
        (Some(option), _) => ("spotlight", option.clone()),
        (None, Some(variable)) => (VARIABLE, variable),
        (None, None) => return Ok(None),
    };
    match chosen {
        Spotlight::Off => Ok(None),
        Spotlight::On => url(name, DEFAULT_URL),
        Spotlight::Url(text) => url(name, text.trim()),
    }
}

fn url(option: &'static str, text: &str) -> Result<Option<Uri>, Unusable> {
    let unusable = |rule: String| Unusable { option, value: text.to_owned(), rule };
    let uri: Uri = text.parse().map_err(|error| unusable(format!("it must be a URL: {error}")))?;
    if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
        return Err(unusable(format!("it must be a URL of http, such as {DEFAULT_URL}")));
    }
    Ok(Some(uri))
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_URL, Spotlight, choose};

    #[test]
    fn the_option_goes_before_the_variable() {
        let (own, other) = ("http://127.0.0.1:1/stream", "http://Other.test:2/stream");
        let (off, on, url) = (Spotlight::Off, Spotlight::On, Spotlight::from(own));
        let table = [
            (None, None, None),
            (None, Some(""), None),
            (None, Some(" \t"), None),
            (None, Some("true"), Some(DEFAULT_URL)),
            (None, Some("T"), Some(DEFAULT_URL)),
            (None, Some("y"), Some(DEFAULT_URL)),
            (None, Some(" Yes "), Some(DEFAULT_URL)),
            (None, Some("ON"), Some(DEFAULT_URL)),
            (None, Some("1"), Some(DEFAULT_URL)),
            (None, Some("false"), None),
            (None, Some("f"), None),
            (None, Some("N"), None),
            (None, Some("no"), None),
            (None, Some("Off"), None),
            (None, Some("0"), None),
            (None, Some(other), Some(other)),
            (Some(&off), None, None),
            (Some(&off), Some("1"), None),
            (Some(&off), Some(other), None),
            (Some(&on), None, Some(DEFAULT_URL)),
            (Some(&on), Some("0"), Some(DEFAULT_URL)),
            (Some(&on), Some("1"), Some(DEFAULT_URL)),
            (Some(&on), Some(other), Some(other)),
            (Some(&url), None, Some(own)),
            (Some(&url), Some("0"), Some(own)),
            (Some(&url), Some(other), Some(own)),
        ];
        for (option, variable, expected) in table {
            let chosen = choose(option, variable).unwrap().map(|uri| uri.to_string().to_lowercase());
            assert_eq!(chosen, expected.map(str::to_lowercase), "{option:?} {variable:?}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_is_refused_by_name() {
        let table = [
            (Some(Spotlight::from("https://localhost/stream")), None, "spotlight", "http"),
            (Some(Spotlight::from("localhost:8969")), None, "spotlight", "http"),
            (Some(Spotlight::from("")), None, "spotlight", "URL"),
            (None, Some("maybe"), "SENTRY_SPOTLIGHT", "http"),
            (Some(Spotlight::On), Some("http://"), "SENTRY_SPOTLIGHT", "URL"),
        ];
        for (option, variable, name, rule) in table {
            let error = choose(option.as_ref(), variable).unwrap_err();
            assert!(error.option == name && error.rule.contains(rule), "{error:?}");
        }
    }
}
