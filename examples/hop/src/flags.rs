//! The flags of the command line. All of them are checked before anything starts.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use clap::error::{ContextKind, ContextValue};
use trace_client::{PropagationTargets, Target};
use trace_core::{Dsn, SampleRate, TraceLifecycle};

use crate::sampler::Sampler;

/// A service to put between others: it continues the trace of each request, and calls on as it is told.
///
/// Prints one line of JSON with its URL when it is ready.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Flags {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// DSN, whose key and organization travel with the traces that start here
    #[arg(long, value_parser = dsn)]
    pub(crate) dsn: Option<String>,

    /// Version of the service
    #[arg(long)]
    pub(crate) release: Option<String>,

    /// Environment of the service
    #[arg(long)]
    pub(crate) environment: Option<String>,

    /// Share of new traces to sample, 0 to 1
    #[arg(long, value_name = "RATE", value_parser = sample_rate, allow_hyphen_values = true)]
    pub(crate) traces_sample_rate: Option<f64>,

    /// Sampler: `parent-rate`, `inherit`, or a number that it answers as it is
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) sampler: Option<Sampler>,

    /// Sampler: the caller's decision, else this rate
    #[arg(long, value_name = "RATE", value_parser = sample_rate, allow_hyphen_values = true, conflicts_with = "sampler")]
    pub(crate) inherit_or: Option<f64>,

    /// Ignore transactions whose name contains this text
    #[arg(long = "ignore-transaction", value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) ignored_transactions: Vec<String>,

    /// Whether spans are delivered as transactions (`static`) or each when it ends (`stream`)
    #[arg(long, value_name = "LIFECYCLE", value_parser = lifecycle, default_value = "static")]
    pub(crate) trace_lifecycle: TraceLifecycle,

    /// Also record the spans of `tracing`
    #[arg(long)]
    pub(crate) tracing_spans: bool,

    /// Number of the own organization
    #[arg(long, value_name = "NUMBER")]
    pub(crate) org_id: Option<NonZeroU64>,

    /// Continue only traces of the own organization
    #[arg(long)]
    pub(crate) strict: bool,

    /// Where trace headers may go: `host:`, `origin:`, `prefix:`, `path:` or `regex:` and a value, or text the URL contains
    #[arg(long = "target", value_name = "TARGET", value_parser = target, conflicts_with = "no_targets")]
    pub(crate) targets: Vec<Target>,

    /// Send trace headers nowhere
    #[arg(long)]
    pub(crate) no_targets: bool,

    /// Also send `traceparent`
    #[arg(long)]
    pub(crate) propagate_traceparent: bool,

    /// Continue a `traceparent` if there is no valid `sentry-trace`
    #[arg(long)]
    pub(crate) accept_traceparent: bool,
}

impl Flags {
    /// The flags of the command line. If they are wrong, the program ends.
    pub(crate) fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| without_secrets(error).exit())
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

/// A DSN as it was given: the official client still sends the secret key, if there is one.
fn dsn(text: &str) -> Result<String, String> {
    text.parse::<Dsn>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn lifecycle(text: &str) -> Result<TraceLifecycle, &'static str> {
    match text {
        "static" => Ok(TraceLifecycle::Static),
        "stream" => Ok(TraceLifecycle::Stream),
        _ => Err("it must be static or stream"),
    }
}

fn sample_rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number.and_then(SampleRate::new).map(SampleRate::get).ok_or("it must be a number from 0 to 1".to_owned())
}

fn target(text: &str) -> Result<Target, String> {
    let target = match text.split_once(':') {
        Some(("host", host)) => Target::host(host),
        Some(("origin", origin)) => Target::origin(origin),
        Some(("prefix", prefix)) => Target::url_prefix(prefix),
        Some(("path", prefix)) => Target::path(prefix),
        Some(("regex", pattern)) => Target::regex(pattern),
        _ => Target::substring(text),
    };
    // Checked here, where the error names the flag.
    PropagationTargets::new([target.clone()]).map(|_| target).map_err(|error| error.to_string())
}
