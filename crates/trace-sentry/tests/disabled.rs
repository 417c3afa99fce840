//! A client that sends nothing: no call reports a success.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::{Client, ClientOptions};
use serde_json::json;
use trace_core::{Tracer, TransactionName};
use trace_sentry::SentrySink;

const PATIENCE: Duration = Duration::from_secs(10);

/// Creates a client with these options, its sink, and a tracer whose hook drops transactions of the name `refused`.
fn sink(options: ClientOptions) -> (Arc<Client>, SentrySink, Tracer) {
    let client = Arc::new(Client::from_config(options));
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().before_send_transaction(|it| (it.name.as_str() != "refused").then_some(it));
    (client, sink, tracer.build().unwrap())
}

fn record(tracer: &Tracer, name: &'static str) {
    tracer.service_span("task", TransactionName::task(name)).start().end();
}

fn answers(sink: &SentrySink) -> [bool; 3] {
    [sink.flush(PATIENCE), sink.close(PATIENCE), sink.flush(PATIENCE)]
}

#[test]
fn a_client_that_is_disabled_takes_nothing() {
    type Spoil = fn(&Client);
    let rate = || ClientOptions::new().traces_sample_rate(1.0);
    let close: Spoil = |client| assert!(client.close(Some(PATIENCE)));
    let dsn = "http://public@127.0.0.1:9/42";
    let table: [(&str, ClientOptions, Spoil); 3] = [
        ("it has no DSN", sentry::apply_defaults(rate()), |_| {}),
        ("it has no transport", rate().dsn(dsn), |_| {}),
        ("it is closed", sentry::apply_defaults(rate().dsn(dsn)), close),
    ];
    for (name, options, spoil) in table {
        for what in ["lost", "refused"] {
            let (client, sink, tracer) = sink(options.clone());
            spoil(&client);
            assert!(sink.flush(PATIENCE), "{name}: there is nothing to do");
            record(&tracer, what);
            assert_eq!(answers(&sink), [false; 3], "{name}: {what}");
            let statistics = sink.statistics();
            assert_eq!((statistics.handed_over, statistics.dropped), (0, 1), "{name}: {what}");
        }

        let (client, sink, tracer) = sink(options.traces_sample_rate(0.0));
        spoil(&client);
        record(&tracer, "not sampled");
        assert_eq!(answers(&sink), [true; 3], "{name}: what is not sampled is not lost");
        assert_eq!((sink.statistics().dropped, sink.statistics().unsampled), (0, 1), "{name}");
    }
}

#[test]
fn what_is_lost_after_a_good_close_is_no_success() {
    for lost in ["lost", "refused"] {
        let collector = Collector::open(Answer::Ok);
        let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
        let (_client, sink, tracer) = sink(sentry::apply_defaults(options));
        record(&tracer, "delivered");
        assert!(sink.close(PATIENCE));
        assert_eq!(answers(&sink), [true; 3]);
        record(&tracer, lost);
        assert_eq!(answers(&sink), [false; 3], "{lost}");
        assert_eq!((sink.statistics().handed_over, sink.statistics().dropped), (1, 1));
    }
}

/// The client is closed while its sink is open. Earlier transactions have arrived, and later ones are lost.
#[test]
fn a_client_that_is_closed_later_has_delivered_what_it_took() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0);
    let (client, sink, tracer) = sink(sentry::apply_defaults(options));
    record(&tracer, "delivered");
    assert!(sink.flush(PATIENCE));
    assert_eq!(collector.next("transaction").item["transaction"], json!("delivered"));
    assert!(client.close(Some(PATIENCE)));
    assert!(sink.flush(PATIENCE));
    record(&tracer, "lost");
    assert!(!sink.flush(PATIENCE));
    assert_eq!((sink.statistics().handed_over, sink.statistics().dropped), (1, 1));
}
