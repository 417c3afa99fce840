//! Streamed spans, as they arrive at a server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod batches;
mod bounds;
mod envelope;
mod killed;
mod names;
mod scope;
mod validator;

use std::sync::Arc;
use std::time::Duration;

use collector::Collector;
use sentry::{Client, ClientOptions};
use trace_core::{TraceLifecycle, Tracer};
use trace_sentry::SentrySink;

const PATIENCE: Duration = Duration::from_secs(10);

fn streaming(dsn: &str) -> SentrySink {
    let options = ClientOptions::new()
        .dsn(dsn)
        .release("orders@2.0.3")
        .environment("staging")
        .server_name("host-1")
        .traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    SentrySink::builder(client).trace_lifecycle(TraceLifecycle::Stream).build().unwrap()
}

fn start(collector: &Collector) -> (SentrySink, Tracer) {
    let sink = streaming(&collector.dsn);
    let tracer = sink.tracer().build().unwrap();
    (sink, tracer)
}
