//! What the HTTP clients of the sink and of the transport log is not captured: each message would cause the next.

#![cfg(all(feature = "spotlight", feature = "transport"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions, Hub, Level};
use trace_sentry::{SentrySink, Transport};

const PATIENCE: Duration = Duration::from_secs(10);

/// A bridge that captures every message of the crate `log` as an event.
struct Bridge;

impl log::Log for Bridge {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        sentry::capture_message(&format!("{} {}", record.target(), record.args()), Level::Error);
    }

    fn flush(&self) {}
}

#[test]
fn one_event_causes_no_other() {
    let (sentry, spotlight) = (Collector::open(Answer::Ok), Collector::open(Answer::Ok));
    let options = ClientOptions::new().dsn(&sentry.dsn).transport(Transport::new());
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    let url = spotlight.dsn.replace("public@", "").replace("/42", "/stream");
    let sink = SentrySink::builder(client.clone()).spotlight(url).build().unwrap();
    let _tracer = sink.tracer().build().unwrap();
    log::set_logger(&Bridge).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    log::error!("out of stock");
    for _ in 0..5 {
        assert!(sink.flush(PATIENCE));
    }
    log::set_max_level(log::LevelFilter::Off);
    assert!(client.close(Some(PATIENCE)));
    let messages = |collector: &Collector| -> Vec<_> {
        let events = collector.arrived().into_iter().filter(|envelope| envelope.kind == "event");
        events.map(|event| event.item["message"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["logged out of stock"];
    assert_eq!(
        (&*messages(&sentry), &*messages(&spotlight)),
        (&expected.map(String::from)[..], &expected.map(String::from)[..])
    );
}
