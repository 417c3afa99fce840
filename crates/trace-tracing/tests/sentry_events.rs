//! Events become breadcrumbs, errors and logs, as with the layers of `sentry-tracing`, and have the fields of their spans.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![cfg(feature = "sentry")]

use std::sync::{Arc, Mutex};

use sentry_core::protocol::{Context, EnvelopeItem, Event, ItemContainer, Log, Value};
use sentry_core::test::TestTransport;
use sentry_core::{Client, ClientOptions, Hub, Level};
use support::recorded;
use trace_tracing::SentryEvents;
use tracing::{debug, error, info, info_span, warn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry};

mod support;

/// Runs work with a client, and returns the errors and the logs that it sent.
fn sent(layer: impl Layer<Registry> + Send + Sync, work: impl FnOnce()) -> (Vec<Event<'static>>, Vec<Log>) {
    let transport = TestTransport::new();
    let options =
        ClientOptions::new().dsn("https://public@sentry.invalid/1").transport(Arc::clone(&transport));
    let hub = Arc::new(Hub::new(Some(Arc::new(Client::from(options))), Arc::default()));
    let _default = tracing_subscriber::registry().with(layer).set_default();
    Hub::run(Arc::clone(&hub), work);
    hub.client().unwrap().flush(None);
    let (mut events, mut logs) = (Vec::new(), Vec::new());
    for envelope in transport.fetch_and_clear_envelopes() {
        for item in envelope.items() {
            match item {
                EnvelopeItem::Event(event) => events.push((**event).clone()),
                EnvelopeItem::ItemContainer(ItemContainer::Logs(found)) => logs.extend(found.clone()),
                _ => {}
            }
        }
    }
    (events, logs)
}

fn fields(event: &Event<'_>) -> sentry_core::protocol::Map<String, Value> {
    match event.contexts.get("Rust Tracing Fields") {
        Some(Context::Other(fields)) => fields.clone(),
        _ => Default::default(),
    }
}

#[derive(Debug)]
struct Outer(std::num::ParseIntError);

impl std::fmt::Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outer")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn the_level_says_what_an_event_becomes() {
    let (events, logs) = sent(trace_tracing::layer().sentry(SentryEvents::default()), || {
        debug!("ignored");
        info!(rows = 3, "an info");
        warn!(ratio = 0.5, "a warning");
        error!(tags.plan = "gold", id = 17, "an error");
        error!("another");
    });
    assert_eq!(events.len(), 2);
    let event = &events[0];
    assert_eq!((event.message.as_deref(), event.level), (Some("an error"), Level::Error));
    assert_eq!(event.logger.as_deref(), Some("sentry_events"));
    assert_eq!(event.tags["plan"], "gold");
    assert_eq!(fields(event), [("id".to_owned(), 17.into())].into());
    let crumbs: Vec<_> = event.breadcrumbs.iter().collect();
    assert_eq!(
        crumbs.iter().map(|crumb| crumb.message.as_deref().unwrap()).collect::<Vec<_>>(),
        ["an info", "a warning"]
    );
    assert_eq!((crumbs[0].level, crumbs[1].level), (Level::Info, Level::Warning));
    assert_eq!((&crumbs[0].data["rows"], crumbs[0].category.as_deref()), (&3.into(), Some("sentry_events")));
    let bodies: Vec<_> = logs.iter().map(|log| &*log.body).collect();
    assert_eq!(bodies, ["an info", "a warning", "an error", "another"]);
    assert_eq!(logs[0].attributes["rows"].0, 3);
    assert_eq!(logs[0].attributes["sentry.origin"].0, "auto.log.tracing");
    assert!(logs[0].attributes.contains_key("code.line.number"));
}

#[test]
fn layers_that_are_added_twice_send_once() {
    let layer = || trace_tracing::layer().sentry(SentryEvents::default());
    let silent = trace_tracing::layer;
    let table: [(&str, Box<dyn Layer<Registry> + Send + Sync>); 4] = [
        ("two", layer().and_then(layer()).boxed()),
        ("the first alone sends", layer().and_then(silent()).boxed()),
        ("the second alone sends", silent().and_then(layer()).boxed()),
        (
            "filtered",
            layer().with_filter(tracing_subscriber::filter::LevelFilter::INFO).and_then(layer()).boxed(),
        ),
    ];
    for (name, layer) in table {
        let (events, logs) = sent(layer, || {
            warn!("a crumb");
            error!("an error");
        });
        assert_eq!((events.len(), events[0].breadcrumbs.len(), logs.len()), (1, 1, 2), "{name}");
    }
}

#[test]
fn filters_choose_otherwise() {
    let options = SentryEvents::default()
        .errors(|_| false)
        .breadcrumbs(|_| false)
        .logs(|metadata| *metadata.level() == tracing::Level::WARN);
    let (events, logs) = sent(trace_tracing::layer().sentry(options), || {
        warn!("logged");
        error!("not sent");
    });
    assert_eq!((events.len(), logs.len()), (0, 1));
}

#[test]
fn an_error_is_an_exception_with_its_sources() {
    let (events, logs) = sent(trace_tracing::layer().sentry(SentryEvents::default()), || {
        let error = Outer("x".parse::<u8>().unwrap_err());
        error!(error = &error as &(dyn std::error::Error + 'static), "failed");
        error!(error = %error);
    });
    let values: Vec<_> =
        events[0].exception.iter().map(|exception| exception.value.as_deref().unwrap()).collect();
    assert_eq!(values, ["invalid digit found in string", "outer"]);
    let last = events[0].exception.last().unwrap();
    assert_eq!((&*last.ty, &*last.mechanism.as_ref().unwrap().ty), ("Outer", "tracing"));
    assert_eq!((events[0].message.as_deref(), events[1].message.as_deref()), (Some("failed"), Some("outer")));
    assert_eq!(
        logs[0].attributes["error"].0,
        serde_json::json!(["Outer: outer", "ParseIntError: invalid digit found in string"])
    );
}

#[test]
fn events_have_the_fields_of_their_spans() {
    let log = || {
        info_span!("outer", user = 1).in_scope(|| {
            info_span!("inner", later = tracing::field::Empty).in_scope(|| {
                tracing::Span::current().record("later", "known");
                error!("failed");
            });
        });
    };
    let (recorded_fields, no_fields) =
        (vec![("inner:later", "known".into()), ("outer:user", 1.into())], Vec::<(&str, Value)>::new());
    let table = [
        ("recorded", SentryEvents::default(), 1.0, recorded_fields.clone()),
        ("not recorded", SentryEvents::default(), 0.0, no_fields.clone()),
        (
            "of all, recorded",
            SentryEvents::default().with_fields_of_all_spans(),
            1.0,
            recorded_fields.clone(),
        ),
        ("of all, not recorded", SentryEvents::default().with_fields_of_all_spans(), 0.0, recorded_fields),
        ("none", SentryEvents::default().without_span_fields(), 1.0, no_fields),
    ];
    for (name, options, rate, expected) in table {
        let (tracer, _sink) = recorded();
        let job = tracer.service_span("task", "job").sampled(rate > 0.0).start();
        let (events, logs) = sent(trace_tracing::layer().sentry(options), || job.scope(log));
        let expected = expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(fields(&events[0]), expected, "{name}");
        assert_eq!(logs[0].attributes.contains_key("outer:user"), !expected.is_empty(), "{name}");
    }
}

#[test]
fn fields_of_spans_are_limited_and_the_innermost_are_kept() {
    macro_rules! with_32_fields {
        ($name:literal) => {
            info_span!(
                $name,
                a0 = 0,
                a1 = 0,
                a2 = 0,
                a3 = 0,
                a4 = 0,
                a5 = 0,
                a6 = 0,
                a7 = 0,
                a8 = 0,
                a9 = 0,
                b0 = 0,
                b1 = 0,
                b2 = 0,
                b3 = 0,
                b4 = 0,
                b5 = 0,
                b6 = 0,
                b7 = 0,
                b8 = 0,
                b9 = 0,
                c0 = 0,
                c1 = 0,
                c2 = 0,
                c3 = 0,
                c4 = 0,
                c5 = 0,
                c6 = 0,
                c7 = 0,
                c8 = 0,
                c9 = 0,
                d0 = 0,
                d1 = 0
            )
            .entered()
        };
    }
    let layer = trace_tracing::layer().sentry(SentryEvents::default().with_fields_of_all_spans());
    let (events, _logs) = sent(layer, || {
        let _outer = (with_32_fields!("1"), with_32_fields!("2"), with_32_fields!("3"));
        let _inner = (with_32_fields!("4"), with_32_fields!("5"));
        error!("failed");
    });
    let found = fields(&events[0]);
    assert_eq!((found.len(), found.contains_key("1:a0"), found.contains_key("5:a0")), (128, false, true));
}

#[test]
fn only_chosen_spans_keep_their_fields() {
    let layer = trace_tracing::layer()
        .filter(|metadata| metadata.name() != "refused")
        .sentry(SentryEvents::default().with_fields_of_all_spans());
    let (events, _logs) = sent(layer, || {
        let _guards = (info_span!("kept", a = 1).entered(), info_span!("refused", b = 2).entered());
        error!("failed");
    });
    assert_eq!(fields(&events[0]), [("kept:a".to_owned(), 1.into())].into());
}

#[test]
fn a_record_of_the_crate_log_has_the_target_of_its_crate() {
    let (events, logs) = sent(trace_tracing::layer().sentry(SentryEvents::default()), || {
        tracing::event!(target: "log", tracing::Level::ERROR, log.target = "redis", log.file = "redis.rs", log.line = 7, message = "gone");
    });
    assert_eq!(events[0].logger.as_deref(), Some("redis"));
    assert!(fields(&events[0]).is_empty());
    let attributes = &logs[0].attributes;
    assert_eq!(
        (&attributes["code.file.path"].0, &attributes["code.line.number"].0),
        (&"redis.rs".into(), &7.into())
    );
}

#[test]
fn bad_values_cost_only_themselves() {
    struct Panics;
    impl std::fmt::Debug for Panics {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("in Debug")
        }
    }
    let huge = "x".repeat(1_000_000);
    let order = Arc::new(Mutex::new(0));
    let (events, _logs) = sent(trace_tracing::layer().sentry(SentryEvents::default()), || {
        error!(bad = ?Panics, huge, "failed");
        *order.lock().unwrap() += 1;
    });
    let found = fields(&events[0]);
    assert_eq!((found.get("bad"), found["huge"].as_str().unwrap().len()), (None, 8192));
    assert_eq!(*order.lock().unwrap(), 1);
}
