//! A DSN that both the tracers and the official client understand.

use std::str::FromStr;

use sentry::types::{Dsn, ParseDsnError};

/// Where to deliver.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(super) dsn: Dsn,
    text: String,
}

impl Destination {
    /// The DSN as it was given.
    pub(crate) fn dsn(&self) -> &str {
        &self.text
    }

    /// The URL that envelopes are sent to, which holds no key.
    pub(crate) fn url(&self) -> String {
        self.dsn.envelope_api_url().to_string()
    }
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Asked first: its errors tell what a DSN has to be.
        text.parse::<trace_core::Dsn>().map_err(|error| error.to_string())?;
        let dsn: Dsn = text.trim().parse().map_err(|error: ParseDsnError| error.to_string())?;
        Ok(Self { dsn, text: text.to_owned() })
    }
}

/// What was given as a DSN, also if it is none, without what might be its secret key.
pub(crate) fn without_secret(text: &str) -> String {
    let (scheme, rest) = text.split_at(text.find("://").map_or(0, |at| at + 3));
    let (keys, address) = rest.split_at(rest.rfind('@').unwrap_or(rest.len()));
    match keys.split_once(':') {
        Some((public, _)) => format!("{scheme}{public}:…{address}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn a_secret_key_is_never_shown() {
        let table = [
            ("https://public@host:9000/42", "https://public@host:9000/42"),
            ("https://public:secret@host:9000/42", "https://public:…@host:9000/42"),
            ("public:secret@host/42", "public:…@host/42"),
            ("https:/public:secret@host/42", "https:…@host/42"),
            ("https://public:sec@ret@host/42", "https://public:…@host/42"),
            // Without an `@`, this could be the keys.
            ("https://public:secret/42", "https://public:…"),
            ("public@https://host/42", "public@https://host/42"),
            ("", ""),
        ];
        for (text, shown) in table {
            assert_eq!(without_secret(text), shown);
        }
    }
}
