//! A DSN that both the tracers and the official client understand.

use std::str::FromStr;

use sentry::types::{Dsn, ParseDsnError, Scheme};

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
        if dsn.scheme() == Scheme::Https {
            return Err("the demo has no TLS: its scheme must be http, as that of a local Relay".to_owned());
        }
        Ok(Self { dsn, text: text.to_owned() })
    }
}
