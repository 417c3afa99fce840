//! The tracer and the client layer that the flags ask for.

use std::error::Error;
use std::sync::Arc;

use sentry::{Client, ClientOptions, Hub};
use trace_client::{TargetError, TraceClientLayer};
use trace_core::{Record, Requirements, SpanSink, TraceLifecycle, Tracer};
use trace_sentry::{SentrySink, TraceIntegration, Transport};

use crate::flags::Flags;

pub(crate) fn tracer(flags: &Flags) -> Result<Tracer, Box<dyn Error>> {
    let mut builder = Tracer::builder()
        .strict_trace_continuation(flags.strict)
        .propagate_traceparent(flags.propagate_traceparent)
        .accept_traceparent(flags.accept_traceparent)
        .ignore_transactions(&flags.ignored_transactions);
    builder = match &flags.dsn {
        Some(dsn) => {
            let client = client(dsn, flags);
            // What a request captures is sent, too.
            Hub::main().bind_client(Some(client.clone()));
            let sink = SentrySink::builder(client).trace_lifecycle(flags.trace_lifecycle);
            builder.dsn(dsn).sink(sink.build()?)
        }
        None => builder.sink(Discard(flags.trace_lifecycle)),
    };
    if let Some(release) = &flags.release {
        builder = builder.release(release);
    }
    if let Some(environment) = &flags.environment {
        builder = builder.environment(environment);
    }
    if let Some(rate) = flags.traces_sample_rate {
        builder = builder.traces_sample_rate(rate);
    }
    if let Some(sampler) = flags.sampler {
        builder = builder.traces_sampler(move |transaction| Some(sampler.rate(transaction)));
    }
    if let Some(rate) = flags.inherit_or {
        builder = builder.traces_sampler(move |transaction| Some(transaction.inherit_or(rate)));
    }
    if let Some(id) = flags.org_id {
        builder = builder.org_id(id.get());
    }
    Ok(builder.build()?)
}

/// The official client, over which transactions or spans are delivered.
fn client(dsn: &str, flags: &Flags) -> Arc<Client> {
    // As the tracer's, where the client would take that of the build.
    let environment = flags.environment.as_deref().filter(|text| !text.is_empty()).unwrap_or("production");
    let mut options =
        ClientOptions::new().dsn(dsn).environment(environment.to_owned()).add_integration(TraceIntegration);
    if let Some(release) = &flags.release {
        options = options.release(release.clone());
    }
    // TLS is a feature of reqwest, which this program does without. The official transport brings its own.
    if dsn.starts_with("http:") {
        options = options.transport(Transport::new());
    }
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

pub(crate) fn client_layer(flags: &Flags, tracer: &Tracer) -> Result<TraceClientLayer, TargetError> {
    let layer = TraceClientLayer::new(tracer.clone());
    match flags.targets.as_slice() {
        [] if flags.no_targets => layer.targets([]),
        [] => Ok(layer),
        targets => layer.targets(targets),
    }
}

/// Without a DSN, hop records as a service would and delivers nothing.
struct Discard(TraceLifecycle);

impl SpanSink for Discard {
    fn receive(&self, _record: Record) {}

    fn requirements(&self) -> Requirements {
        Requirements::default().lifecycle(self.0)
    }
}
