//! A viewer on the developer's machine gets everything, without an effect on Sentry's data.

#![cfg(feature = "spotlight")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use collector::{Answer, Collector, Envelope, Nobody};
use sentry::{Client, ClientOptions, Hub, Level};
use trace_core::{TraceLifecycle, Tracer, TransactionName};
use trace_sentry::{SentrySink, Spotlight};

const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285";

fn stream(collector: &Collector) -> String {
    let (_, host) = collector.dsn.split_once('@').unwrap();
    format!("http://{}/stream", host.split_once('/').unwrap().0)
}

fn client(options: ClientOptions) -> Arc<Client> {
    Arc::new(Client::from_config(sentry::apply_defaults(options)))
}

/// Records a transaction with a span in the trace of a caller with this flag.
fn record(tracer: &Tracer, flag: &str) {
    let context = tracer.continue_trace(&HashMap::from([("sentry-trace", format!("{TRACE}{flag}"))]));
    let root = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
    root.start_span("function", "work").end();
}

fn spans(envelope: &Envelope) -> usize {
    envelope.item["spans"].as_array().unwrap().len()
}

#[test]
fn it_gets_all_and_sentry_gets_what_is_sampled() {
    let (sentry, spotlight) = (Collector::open(Answer::Ok), Collector::open(Answer::Ok));
    let options = ClientOptions::new().dsn(&sentry.dsn).traces_sample_rate(1.0);
    let sink = SentrySink::builder(client(options)).spotlight(stream(&spotlight)).build().unwrap();
    let tracer = sink.tracer().build().unwrap();
    for flag in ["-1", "-0", "-1", "-0", "-0"] {
        record(&tracer, flag);
    }
    assert!(sink.close(PATIENCE));

    let sent: Vec<_> =
        sentry.arrived().into_iter().filter(|envelope| envelope.kind == "transaction").collect();
    // Events of the main hub, to which another test may send, are copied, too.
    let copied: Vec<_> =
        spotlight.arrived().into_iter().filter(|envelope| envelope.kind == "transaction").collect();
    assert_eq!((sent.len(), copied.len()), (2, 5));
    assert!(sent.iter().all(|envelope| envelope.path == "/api/42/envelope/"));
    for copy in &copied {
        assert_eq!((copy.path.as_str(), copy.kind.as_str()), ("/stream", "transaction"));
        assert_eq!(copy.content_type.as_deref(), Some("application/x-sentry-envelope"));
        assert_eq!(
            (copy.item["contexts"]["trace"]["trace_id"].as_str(), spans(copy)),
            (Some(&TRACE[..32]), 1)
        );
    }
    let statistics = sink.statistics();
    assert_eq!((statistics.handed_over, statistics.dropped, statistics.unsampled), (2, 0, 3));
}

#[test]
fn it_gets_all_streamed_spans_and_sentry_those_that_are_sampled() {
    let (sentry, spotlight) = (Collector::open(Answer::Ok), Collector::open(Answer::Ok));
    let options = ClientOptions::new().dsn(&sentry.dsn).traces_sample_rate(1.0);
    let builder = SentrySink::builder(client(options)).trace_lifecycle(TraceLifecycle::Stream);
    let sink = builder.spotlight(stream(&spotlight)).build().unwrap();
    let tracer = sink.tracer().build().unwrap();
    for flag in ["-1", "-0", "-1", "-0", "-0"] {
        record(&tracer, flag);
    }
    assert!(sink.close(PATIENCE));
    let streamed = |collector: &Collector| {
        let envelopes = collector.arrived().into_iter().filter(|envelope| envelope.kind == "span");
        envelopes.map(|envelope| envelope.item["items"].as_array().unwrap().len()).sum::<usize>()
    };
    assert_eq!((streamed(&sentry), streamed(&spotlight)), (4, 10));
}

#[test]
fn it_needs_neither_a_dsn_nor_a_rate() {
    let spotlight = Collector::open(Answer::Ok);
    let sink =
        SentrySink::builder(client(ClientOptions::new())).spotlight(stream(&spotlight)).build().unwrap();
    let tracer = sink.tracer().build().unwrap();
    let context = tracer.start_new_trace();
    let root = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
    assert_eq!(root.context().sampled(), None, "what is sent on says nothing of it");
    root.end();
    let _closed = sink.close(PATIENCE);
    assert_eq!(spotlight.next("transaction").item["transaction"], "job");
}

#[test]
fn an_error_is_copied_once_with_its_trace() {
    let spotlight = Collector::open(Answer::Ok);
    let client = client(ClientOptions::new().dsn("http://public@127.0.0.1:9/1"));
    let sink = SentrySink::builder(client.clone()).spotlight(stream(&spotlight)).build().unwrap();
    // Events are copied once, however many tracers exist.
    let [tracer, _another] = [sink.tracer(), sink.tracer()].map(|options| options.build().unwrap());
    let hub = Arc::new(Hub::new_from_top(Hub::main()));
    hub.bind_client(Some(client));
    let context = tracer.start_new_trace();
    let trace_id = context.trace_id().to_string();
    Hub::run(hub, || context.scope(|| sentry::capture_message("out of stock", Level::Error)));
    // No process listens on the port to which the client delivers.
    let _delivered = sink.close(PATIENCE);
    let [event] = spotlight.arrived().try_into().unwrap();
    assert_eq!(event.item["message"], "out of stock");
    assert_eq!(event.item["contexts"]["trace"]["trace_id"], trace_id.as_str());
}

#[test]
fn one_that_is_away_costs_nobody_anything() {
    let table =
        [Some(Answer::Never), Some(Answer::HangUp), Some(Answer::Status("503 Service Unavailable")), None];
    for answer in table {
        let (sentry, spotlight) = (Collector::open(Answer::Ok), answer.map(Collector::open));
        // Port 9 is reserved for discarding data, and no process listens on it.
        let url = spotlight.as_ref().map_or("http://127.0.0.1:9/stream".to_owned(), stream);
        let options = ClientOptions::new().dsn(&sentry.dsn).traces_sample_rate(1.0);
        let sink = SentrySink::builder(client(options)).spotlight(url).build().unwrap();
        let tracer = sink.tracer().build().unwrap();
        let began = Instant::now();
        for _ in 0..20 {
            record(&tracer, "-1");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{answer:?}: it waits for nothing");
        for _ in 0..20 {
            let _arrived = sentry.next("transaction");
        }
        assert_eq!(sink.statistics().dropped, 0, "{answer:?}");
    }
}

#[test]
fn what_it_missed_is_tried_once_more() {
    let spotlight = Collector::open(Answer::Status("503 Service Unavailable"));
    let sink =
        SentrySink::builder(client(ClientOptions::new())).spotlight(stream(&spotlight)).build().unwrap();
    let tracer = sink.tracer().build().unwrap();
    record(&tracer, "-1");
    let missed = spotlight.next("transaction");
    // Before the retry, new copies are dropped.
    record(&tracer, "-0");
    spotlight.answer(Answer::Ok);
    let again = spotlight.next("transaction");
    assert_eq!(again.header["event_id"], missed.header["event_id"]);
    record(&tracer, "-1");
    let next = spotlight.next("transaction");
    assert_ne!(next.header["event_id"], again.header["event_id"]);
    assert!(spotlight.arrived().is_empty());
}

#[test]
fn a_url_that_cannot_be_is_an_error_at_build() {
    let error = SentrySink::builder(client(ClientOptions::new())).spotlight("https://localhost").build();
    let message = error.unwrap_err().to_string();
    assert!(
        message.contains("option spotlight is \"https://localhost\"") && message.contains("http"),
        "{message}"
    );
}

#[test]
fn nothing_shows_the_credentials_of_the_url() {
    let builder = || SentrySink::builder(client(ClientOptions::new()));
    for url in
        ["https://user:s3cret@localhost/stream", "http://user:s3cret@", "user:s3cret@localhost", "s3cret@ x"]
    {
        let error = builder().spotlight(url).build().unwrap_err();
        let shown = format!("{error} {error:?} {:?} {:?}", builder().spotlight(url), Spotlight::from(url));
        assert!(!shown.contains("s3cret") && shown.contains("option spotlight is"), "{shown}");
    }

    let nobody = Nobody::bind();
    let url = format!("http://user:s3cret@{}/stream?token=s3cret", nobody.address);
    let sink = builder().spotlight(url).build().unwrap();
    record(&sink.tracer().build().unwrap(), "-1");
    let _closed = sink.close(PATIENCE);
    let copies = sink.spotlight().unwrap();
    assert_eq!(copies.url, format!("http://{}/stream", nobody.address));
    assert!(copies.failure.is_some());
    let shown = format!("{copies:?} {sink:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
}

/// A variable cannot be set in a process with several threads, so that the test runs itself in a process with the
/// variable.
#[test]
fn the_variable_is_followed_only_if_the_builder_says_so() {
    const VARIABLE: &str = "SENTRY_SPOTLIGHT";
    const URL: &str = "http://127.0.0.1:9/stream";
    // The message about the unused URL must not show a secret.
    const VALUE: &str = "http://user:s3cret@127.0.0.1:9/stream";
    if std::env::var(VARIABLE).as_deref() != Ok(VALUE) {
        let name = "the_variable_is_followed_only_if_the_builder_says_so";
        let mut test = Command::new(std::env::current_exe().unwrap());
        let output = test.args(["--exact", name, "--nocapture"]).env(VARIABLE, VALUE).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && told.contains("the option's URL http://localhost:1 is used"),
            "{told}"
        );
        assert!(!told.contains("s3cret"), "{told}");
        return;
    }
    let build = |spotlight: Option<Spotlight>| {
        let builder = SentrySink::builder(client(ClientOptions::new()));
        let sink = match spotlight {
            None => builder.build(),
            Some(spotlight) => builder.spotlight(spotlight).build(),
        };
        let sink = sink.unwrap();
        sink.spotlight().map(|copies| copies.url)
    };
    let url = Some(URL.to_owned());
    assert_eq!(build(None), None);
    assert_eq!(build(Some(Spotlight::Off)), None);
    assert_eq!(build(Some(Spotlight::FromEnv)), url);
    assert_eq!(build(Some(Spotlight::On)), url);
    assert_eq!(build(Some("http://localhost:1".into())).as_deref(), Some("http://localhost:1/"));
}
