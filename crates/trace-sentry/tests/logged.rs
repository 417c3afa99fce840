//! A program whose events go to Spotlight, and whose log messages become events: what the HTTP clients of the sink and of the
//! transport log is not captured, since each message would cause the next, and nothing is left of a sink that is dropped.

#![cfg(all(feature = "spotlight", feature = "transport"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions, Hub, Level};
use trace_sentry::{SentrySink, Transport};

const PATIENCE: Duration = Duration::from_secs(10);

/// A bridge that captures every message of the crate `log` as an event, except those of the collectors, which would be other
/// processes.
struct Bridge;

impl log::Log for Bridge {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if thread::current().name() != Some(collector::THREAD) {
            sentry::capture_message(&format!("{} {}", record.target(), record.args()), Level::Error);
        }
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
    let tracer = sink.tracer().build().unwrap();
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

    // The main hub, which lives as long as the process, does not keep the thread of a sink that is gone.
    drop((sink, tracer));
    let began = Instant::now();
    while has_thread("trace-sentry-sp") {
        assert!(began.elapsed() < PATIENCE);
        thread::yield_now();
    }
}

/// Returns whether this process has a thread whose name begins so, on systems that tell.
fn has_thread(name: &str) -> bool {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let mut names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.any(|found| found.starts_with(name))
}
