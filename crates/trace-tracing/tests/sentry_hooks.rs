//! Hooks of the client that log, and errors without an end. The subscriber is that of the process, since `tracing` does not
//! call one of a thread within itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![cfg(feature = "sentry")]

use std::error::Error;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use sentry_core::protocol::{EnvelopeItem, Event, ItemContainer};
use sentry_core::test::TestTransport;
use sentry_core::{Client, ClientOptions, Hub};
use support::recorded;
use trace_core::CaughtPanics;
use trace_tracing::{SentryEvents, TraceIds};
use tracing::{error, info, info_span, warn};
use tracing_subscriber::prelude::*;

mod support;

/// The panics that the layer of the process has caught.
static PANICS: LazyLock<CaughtPanics> = LazyLock::new(|| {
    let layer = trace_tracing::layer().sentry(SentryEvents::default());
    let panics = layer.caught_panics();
    tracing_subscriber::registry().with(layer).init();
    panics
});

/// Runs work with a client. Returns its errors, and the number of its logs.
fn sent(options: ClientOptions, work: impl FnOnce()) -> (Vec<Event<'static>>, usize) {
    LazyLock::force(&PANICS);
    let transport = TestTransport::new();
    let options = options.dsn("https://public@sentry.invalid/1").transport(Arc::clone(&transport));
    let hub = Arc::new(Hub::new(Some(Arc::new(Client::from(options))), Arc::default()));
    Hub::run(Arc::clone(&hub), work);
    hub.client().unwrap().flush(None);
    let (mut events, mut logs) = (Vec::new(), 0);
    for envelope in transport.fetch_and_clear_envelopes() {
        for item in envelope.items() {
            match item {
                EnvelopeItem::Event(event) => events.push((**event).clone()),
                EnvelopeItem::ItemContainer(ItemContainer::Logs(found)) => logs += found.len(),
                _ => {}
            }
        }
    }
    (events, logs)
}

#[test]
fn hooks_that_log_are_not_called_again_for_that() {
    let options = ClientOptions::new()
        .before_send(|event| {
            error!("in before_send");
            Some(event)
        })
        .before_breadcrumb(|breadcrumb| {
            // The hub is locked now.
            warn!("in before_breadcrumb");
            Some(breadcrumb)
        })
        .before_send_log(|log| {
            info!("in before_send_log");
            Some(log)
        });
    let (events, logs) = sent(options, || {
        info!("first");
        error!("second");
        error!("third");
    });
    let messages: Vec<_> = events.iter().map(|event| event.message.as_deref().unwrap()).collect();
    assert_eq!((messages, events[0].breadcrumbs.len(), logs), (vec!["second", "third"], 1, 3));
}

#[test]
fn a_hook_that_panics_costs_its_event_only() {
    let before = LazyLock::force(&PANICS).count();
    let options = ClientOptions::new().before_send(|_| panic!("in before_send"));
    let (events, _) = sent(options, || error!("lost"));
    assert_eq!((events.len(), PANICS.count() > before), (0, true));
    assert_eq!(sent(ClientOptions::new(), || error!("sent")).0.len(), 1);
}

#[test]
fn an_error_belongs_to_the_trace_of_its_explicit_parent() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&seen);
    let options = ClientOptions::new().before_send(move |event| {
        hook.lock().unwrap().push(TraceIds::current().map(|ids| ids.trace_id()));
        Some(event)
    });
    let (tracer, _sink) = recorded();
    let (job, other) =
        (tracer.service_span("task", "job").start(), tracer.service_span("task", "other").start());
    sent(options, || {
        let span = job.scope(|| info_span!("span"));
        other.scope(|| error!("of the other"));
        other.scope(|| error!(parent: &span, "of the span"));
        error!("of nothing");
    });
    assert_eq!(*seen.lock().unwrap(), [Some(other.trace_id()), Some(job.trace_id()), None]);
}

/// An error that is its own source.
struct Cyclic;

impl fmt::Debug for Cyclic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cyclic({})", "x".repeat(1_000_000))
    }
}

impl fmt::Display for Cyclic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&"y".repeat(1_000_000))
    }
}

impl Error for Cyclic {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Cyclic)
    }
}

#[test]
fn a_chain_of_errors_without_an_end_is_cut() {
    let (events, _) = sent(ClientOptions::new(), || {
        error!(error = &Cyclic as &(dyn Error + 'static), "failed");
    });
    let exceptions = &events[0].exception.values;
    assert_eq!((exceptions.len(), &*exceptions[0].ty), (32, "Cyclic"));
    assert!(exceptions.iter().all(|exception| exception.value.as_ref().unwrap().len() == 8192));
}

#[test]
fn a_client_that_takes_no_logs_gets_none() {
    #[expect(deprecated, reason = "the official integrations respect it")]
    let options = ClientOptions::new().enable_logs(false);
    let (events, logs) = sent(options, || error!("an error alone"));
    assert_eq!((events.len(), logs), (1, 0));
}

#[test]
fn events_without_a_client_are_nobodys() {
    LazyLock::force(&PANICS);
    let hub = Arc::new(Hub::new(None, Arc::default()));
    Hub::run(Arc::clone(&hub), || {
        info!("before the client");
        error!("before the client");
    });
    let (events, logs) = sent(ClientOptions::new(), || error!("after"));
    assert_eq!((events.len(), events[0].breadcrumbs.len(), logs), (1, 0, 1));
}
