//! The flags of the command line.

use std::fmt::Display;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser};
use trace_core::{Dsn, TraceLifecycle};
use trace_sentry::Spotlight;

use crate::delivery::{Delivery, Destination};

/// Sends requests with the headers of real SDKs through five services and shows each trace.
///
/// storefront calls orders, orders calls inventory and a courier that is not a target, and hands a
/// message to mailer. All of them listen on loopback, on ports chosen by the system.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// How many requests to send; the scenarios take turns
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) requests: u64,

    /// Print one JSON document instead of the drawing
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the waterfall as one self-contained HTML page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Keep the services running afterwards and print their URLs
    #[arg(long)]
    pub(crate) serve: bool,

    /// Stream each span when it ends, instead of sending a transaction for each service
    #[arg(long)]
    pub(crate) stream: bool,

    /// Also deliver the transactions or spans to this DSN
    #[arg(long, value_name = "DSN", env = VARIABLE, hide_env_values = true)]
    dsn: Option<String>,

    /// Also copy everything, sampled or not, to Spotlight at this URL or its default [env: SENTRY_SPOTLIGHT]
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true)]
    spotlight: Option<Option<String>>,
}

const VARIABLE: &str = "SENTRY_DSN";

impl Flags {
    /// The flags, and where to deliver by them or by the environment. If they are wrong, the program ends.
    pub(crate) fn read() -> (Self, Option<Delivery>) {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(std::env::args_os());
        let matches = matches.unwrap_or_else(|error| without_secrets(error).exit());
        let flags =
            Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
        let by_variable = matches.value_source("dsn") == Some(ValueSource::EnvVariable);
        let delivery = flags.delivery(by_variable).unwrap_or_else(|message| refuse(message));
        (flags, delivery)
    }

    pub(crate) fn lifecycle(&self) -> TraceLifecycle {
        if self.stream { TraceLifecycle::Stream } else { TraceLifecycle::Static }
    }

    fn delivery(&self, by_variable: bool) -> Result<Option<Delivery>, String> {
        let spotlight = match self.spotlight.clone() {
            None => Spotlight::FromEnv,
            Some(url) => url.map_or(Spotlight::On, Spotlight::Url),
        };
        Delivery::open(self.destination(by_variable)?, spotlight, self.lifecycle())
            .map_err(|error| error.to_string())
    }

    fn destination(&self, by_variable: bool) -> Result<Option<Destination>, String> {
        let name = if by_variable { VARIABLE } else { "--dsn <DSN>" };
        match self.dsn.as_deref() {
            None => Ok(None),
            // As Sentry's SDKs read it: whoever empties the variable wants no delivery.
            Some(text) if by_variable && text.trim().is_empty() => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|rule| format!("invalid value '{}' for '{name}': {rule}", Dsn::redact(text))),
        }
    }
}

/// The error without what could be the secret key of a DSN, in the words of the command line that it quotes.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    let value_of_dsn = matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(flag)) if flag.starts_with("--dsn"));
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue] {
        let Some(ContextValue::String(text)) = error.get(kind) else { continue };
        let is_dsn = value_of_dsn && kind == ContextKind::InvalidValue;
        if is_dsn || text.contains('@') || (kind == ContextKind::InvalidArg && text.contains("://")) {
            let redacted = Dsn::redact(text);
            error.insert(kind, ContextValue::String(redacted));
        }
    }
    error
}

/// Ends the program as clap does for a wrong flag.
pub(crate) fn refuse(message: impl Display) -> ! {
    Flags::command().error(ErrorKind::ValueValidation, message).exit()
}
