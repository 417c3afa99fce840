//! The destination of the copies for Spotlight, from the option and the variable `SENTRY_SPOTLIGHT`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ureq::http::Uri;

use crate::redacted;

/// The default URL of the sidecar.
const DEFAULT_URL: &str = "http://localhost:8969/stream";
const VARIABLE: &str = "SENTRY_SPOTLIGHT";

/// The destination of a copy of everything for [Spotlight](https://spotlightjs.com), if any.
///
/// It converts from `bool` and from the URL as text. `Debug` shows no credentials and no query of the URL.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spotlight {
    /// No destination, whatever `SENTRY_SPOTLIGHT` contains.
    #[default]
    Off,
    /// The destination in `SENTRY_SPOTLIGHT`: `1`, `0` or a URL. No destination if it is unset or empty.
    FromEnv,
    /// The URL in `SENTRY_SPOTLIGHT` if it is one, otherwise `http://localhost:8969/stream`.
    On,
    /// This URL, whatever `SENTRY_SPOTLIGHT` contains.
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

impl fmt::Debug for Spotlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("Off"),
            Self::FromEnv => f.write_str("FromEnv"),
            Self::On => f.write_str("On"),
            Self::Url(url) => f.debug_tuple("Url").field(&redacted::url(url)).finish(),
        }
    }
}

/// A URL that cannot be the sidecar's. The value has no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) option: &'static str,
    pub(crate) value: String,
    pub(crate) rule: String,
}

impl Spotlight {
    /// Returns the URL from the option and the environment of the process, or `None` if nothing is sent.
    pub(crate) fn resolve(&self) -> Result<Option<Uri>, Unusable> {
        let variable = std::env::var_os(VARIABLE).map(|value| value.to_string_lossy().into_owned());
        if let (Self::Url(url), Some(variable)) = (self, &variable)
            && url != variable
        {
            let (url, variable) = (redacted::url(url), redacted::url(variable));
            tell(format_args!("the option's URL {url} is used, not {VARIABLE}={variable}"));
        }
        choose(self, variable.as_deref())
    }
}

/// Prints a message to the developer. Only this function prints, because Spotlight is a tool that runs next to the
/// program. The same message is printed once per process, even with several sinks.
#[expect(clippy::print_stderr, reason = "whoever starts Spotlight looks at the terminal")]
pub(super) fn tell(message: fmt::Arguments<'_>) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(message.to_string()) {
        eprintln!("Spotlight: {message}");
    }
}

fn choose(option: &Spotlight, variable: Option<&str>) -> Result<Option<Uri>, Unusable> {
    let variable = match variable.map(str::trim) {
        None | Some("") => None,
        Some(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "y" | "yes" | "on" | "1" => Some(Spotlight::On),
            "false" | "f" | "n" | "no" | "off" | "0" => Some(Spotlight::Off),
            _ => Some(Spotlight::Url(text.to_owned())),
        },
    };
    let (name, chosen) = match (option, variable) {
        (Spotlight::On, Some(url @ Spotlight::Url(_))) => (VARIABLE, url),
        (Spotlight::FromEnv, Some(variable)) => (VARIABLE, variable),
        (option, _) => ("spotlight", option.clone()),
    };
    match chosen {
        Spotlight::Off | Spotlight::FromEnv => Ok(None),
        Spotlight::On => url(name, DEFAULT_URL),
        Spotlight::Url(text) => url(name, text.trim()),
    }
}

fn url(option: &'static str, text: &str) -> Result<Option<Uri>, Unusable> {
    let unusable = |rule: String| Unusable { option, value: redacted::url(text), rule };
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
        let from_env = Spotlight::FromEnv;
        let table = [
            (&off, None, None),
            (&off, Some("1"), None),
            (&off, Some(other), None),
            (&from_env, None, None),
            (&from_env, Some(""), None),
            (&from_env, Some(" \t"), None),
            (&from_env, Some("true"), Some(DEFAULT_URL)),
            (&from_env, Some("T"), Some(DEFAULT_URL)),
            (&from_env, Some("y"), Some(DEFAULT_URL)),
            (&from_env, Some(" Yes "), Some(DEFAULT_URL)),
            (&from_env, Some("ON"), Some(DEFAULT_URL)),
            (&from_env, Some("1"), Some(DEFAULT_URL)),
            (&from_env, Some("false"), None),
            (&from_env, Some("f"), None),
            (&from_env, Some("N"), None),
            (&from_env, Some("no"), None),
            (&from_env, Some("Off"), None),
            (&from_env, Some("0"), None),
            (&from_env, Some(other), Some(other)),
            (&on, None, Some(DEFAULT_URL)),
            (&on, Some("0"), Some(DEFAULT_URL)),
            (&on, Some("1"), Some(DEFAULT_URL)),
            (&on, Some(other), Some(other)),
            (&url, None, Some(own)),
            (&url, Some("0"), Some(own)),
            (&url, Some(other), Some(own)),
        ];
        for (option, variable, expected) in table {
            let chosen = choose(option, variable).unwrap().map(|uri| uri.to_string().to_lowercase());
            assert_eq!(chosen, expected.map(str::to_lowercase), "{option:?} {variable:?}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_is_refused_by_name() {
        let table = [
            (Spotlight::from("https://localhost/stream"), None, "spotlight", "http"),
            (Spotlight::from("localhost:8969"), None, "spotlight", "http"),
            (Spotlight::from(""), None, "spotlight", "URL"),
            (Spotlight::FromEnv, Some("maybe"), "SENTRY_SPOTLIGHT", "http"),
            (Spotlight::On, Some("http://"), "SENTRY_SPOTLIGHT", "URL"),
        ];
        for (option, variable, name, rule) in table {
            let error = choose(&option, variable).unwrap_err();
            assert!(error.option == name && error.rule.contains(rule), "{error:?}");
        }
    }
}
