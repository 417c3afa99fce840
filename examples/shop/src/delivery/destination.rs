//! A DSN that both the tracers and the official client understand.

use std::str::FromStr;

use sentry::types::{Dsn, ParseDsnError};

/// Where to deliver.
#[derive(Clone)]
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
