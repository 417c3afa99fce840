//! What an event becomes at Sentry is what it becomes by `sentry-tracing`.

use std::error::Error;
use std::sync::Arc;

use sentry::protocol::{Breadcrumb, EnvelopeItem, Event, ItemContainer, Log};
use sentry::test::TestTransport;
use sentry::{Client, ClientOptions, Hub};
use serde_json::{Value, json};
use trace_core::{InMemorySink, Tracer};
use trace_tracing::SentryEvents;
use tracing::{debug, error, info, info_span, trace, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::Registry;

/// Runs work with a client and a layer. Returns the errors with their breadcrumbs and the logs, as JSON.
fn sent(layer: impl Layer<Registry> + Send + Sync, work: impl FnOnce()) -> (Vec<Value>, Vec<Value>) {
    let transport = TestTransport::new();
    let options = ClientOptions::new()
        .dsn("https://public@sentry.invalid/1")
        .traces_sample_rate(1.0)
        .transport(Arc::clone(&transport));
    let hub = Arc::new(Hub::new(Some(Arc::new(Client::from(options))), Arc::default()));
    let _default = tracing_subscriber::registry().with(layer).set_default();
    Hub::run(Arc::clone(&hub), work);
    hub.client().unwrap().flush(None);
    let (mut errors, mut logs) = (Vec::new(), Vec::new());
    for envelope in transport.fetch_and_clear_envelopes() {
        for item in envelope.items() {
            match item {
                EnvelopeItem::Event(event) => errors.push(of_error(event)),
                EnvelopeItem::ItemContainer(ItemContainer::Logs(found)) => {
                    logs.extend(found.iter().map(of_log))
                }
                _ => {}
            }
        }
    }
    (errors, logs)
}

fn of_error(event: &Event<'_>) -> Value {
    json!({
        "message": event.message,
        "level": event.level,
        "logger": event.logger,
        "tags": event.tags,
        "exceptions": event.exception,
        "fields": event.contexts.get("Rust Tracing Fields"),
        "has place": event.contexts.contains_key("Rust Tracing Location"),
        "breadcrumbs": event.breadcrumbs.iter().map(of_breadcrumb).collect::<Vec<_>>(),
    })
}

fn of_breadcrumb(breadcrumb: &Breadcrumb) -> Value {
    json!({
        "message": breadcrumb.message,
        "level": breadcrumb.level,
        "category": breadcrumb.category,
        "type": breadcrumb.ty,
        "data": breadcrumb.data,
    })
}

fn of_log(log: &Log) -> Value {
    // The client knows the parent of their span, and `trace_sentry` links ours.
    let differs = |name: &str| matches!(name, "sentry.origin" | "parent_span_id");
    let attributes = log.attributes.iter().filter(|(name, _)| !differs(name));
    json!({
        "body": log.body,
        "level": log.level,
        "attributes": attributes.map(|(name, value)| (name, value.0.clone())).collect::<std::collections::BTreeMap<_, _>>(),
    })
}

#[derive(Debug)]
struct Failed(std::num::ParseIntError);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it failed")
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[tracing::instrument(err)]
fn fail(id: u64) -> Result<(), Failed> {
    Err(Failed("x".parse::<u64>().unwrap_err()))
}

fn work() {
    let failed = Failed("x".parse::<u64>().unwrap_err());
    let failed = &failed as &(dyn Error + 'static);
    trace!("ignored");
    debug!("ignored");
    info!(rows = 3, ratio = 0.5, big = u64::MAX, ok = true, name = "ada", list = ?[1, 2], "an info");
    info!(
        nan = f64::NAN,
        infinite = f64::INFINITY,
        wide = i128::MAX,
        none = Option::<u8>::None,
        bytes = &b"ab"[..]
    );
    warn!(target: "shop::db", plan = "gold", error = failed, "a warning with an error");
    error!("an error");
    error!(tags.plan = "gold", tags.rows = 3, tags.ok = true, id = 17, "with tags");
    error!(error = failed, "with an exception");
    error!(error = failed, other = failed, "with two");
    error!(cause = failed);
    error!(error = %failed);
    error!(error = ?failed, "with a text");
    error!(error = "a text");
    error!(only = 1);
    error!(trace_id = "mine", "{{}} \u{0} 😀");
    let _failed = fail(7);
    info_span!("outer", user = 1, message = "hidden").in_scope(|| {
        info_span!("inner", later = tracing::field::Empty, ratio = 0.25, on = true).in_scope(|| {
            tracing::Span::current().record("later", "known");
            info!(rows = 1, "in a span");
            error!("in a span");
        });
    });
}

#[test]
fn errors_breadcrumbs_and_logs_are_those_of_sentry_tracing() {
    #[expect(deprecated, reason = "it has the levels that ours has by default")]
    let theirs = sentry::integrations::tracing::layer().enable_span_attributes();
    let theirs = sent(theirs, work);
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(InMemorySink::default()).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let ours = sent(trace_tracing::layer().sentry(SentryEvents::default()), || job.scope(work));
    assert_eq!((theirs.0.len(), theirs.1.len()), (12, 16));
    assert_eq!(ours, theirs);
}
