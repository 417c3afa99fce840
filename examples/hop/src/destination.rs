//! The URL that a request asks hop to call.

use axum::http::Uri;
use serde::Deserialize;

/// An absolute `http` URL, in the types of both clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Destination {
    pub(crate) uri: Uri,
    pub(crate) url: reqwest::Url,
}

impl TryFrom<String> for Destination {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let uri: Uri = text.parse().map_err(|error| format!("{text:?} is no URL: {error}"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
            return Err(format!("{text:?} is not an absolute http URL"));
        }
        let url = text.parse().map_err(|error| format!("{text:?} is no URL: {error}"))?;
        Ok(Self { uri, url })
    }
}
