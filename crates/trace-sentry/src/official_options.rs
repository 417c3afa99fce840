//! The options of the running client, for the tracer and for the payloads.

use std::sync::Arc;

use sentry_core::{Client, TracesSamplingStrategy};
use trace_core::{Tracer, TracerBuilder};

use crate::cut::{MAX_TEXT, cut};
use crate::redacted;
use crate::sampler_input::official;

/// The identity of the sender. Each text is cut, because it is in every transaction.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) release: Option<String>,
    pub(crate) environment: String,
    pub(crate) server_name: Option<String>,
    /// The key of the client's own DSN.
    pub(crate) public_key: Option<String>,
}

impl Identity {
    pub(crate) fn of(client: &Client) -> Self {
        let options = client.options();
        let text = |text: &Option<std::borrow::Cow<'static, str>>| {
            text.as_deref().filter(|text| !text.is_empty()).map(|text| cut(text, MAX_TEXT).to_owned())
        };
        Self {
            release: text(&options.release),
            environment: text(&options.environment).unwrap_or_else(|| "production".to_owned()),
            server_name: text(&options.server_name),
            public_key: client.dsn().map(|dsn| dsn.public_key().to_owned()),
        }
    }
}

/// Returns a builder with the client's DSN, release, environment, organization and sampling.
pub(crate) fn tracer_builder(client: &Client) -> TracerBuilder {
    let options = client.options();
    let Identity { release, environment, .. } = Identity::of(client);
    let mut builder = Tracer::builder()
        .environment(environment)
        .strict_trace_continuation(options.strict_trace_continuation);
    if let Some(dsn) = client.dsn() {
        builder = builder.dsn(redacted::dsn(dsn));
    }
    if let Some(release) = release {
        builder = builder.release(release);
    }
    // The client recognizes fewer hosts of organizations than Sentry's other SDKs do, so that only its option is used.
    if let Some(id) = options.org_id.and_then(|id| id.to_string().parse().ok()) {
        builder = builder.org_id(id);
    }
    match &options.traces_sampling_strategy {
        TracesSamplingStrategy::FixedRate(rate) => builder.traces_sample_rate(widen(*rate)),
        TracesSamplingStrategy::Function(sampler) => {
            let sampler = Arc::clone(sampler);
            builder.traces_sampler(move |transaction| Some(widen(sampler(&official(transaction)))))
        }
        _ => builder,
    }
}

/// Converts a rate to the same decimal: 0.1 stays 0.1, while `f64::from` returns 0.10000000149011612.
fn widen(rate: f32) -> f64 {
    rate.to_string().parse().unwrap_or(f64::from(rate))
}
