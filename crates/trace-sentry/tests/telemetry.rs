//! Structured logs and metrics of the official client carry the trace and span in which they were written, on any thread,
//! without a hub of the request.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use collector::{Answer, Collector};
use sentry::protocol::{Log, LogLevel, Metric};
use sentry::{Client, ClientOptions, Hub, Level, logger_info, metrics};
use serde_json::Value;
use tokio::task::yield_now;
use trace_core::{Span, TraceExt, Tracer, in_current_trace};
use trace_sentry::{SentrySink, TraceIntegration};

const PATIENCE: Duration = Duration::from_secs(10);

/// The name of a log or metric, with the trace and span that it has and that it must have.
type Ids = HashMap<String, (String, String)>;

/// Writes a log and a metric of this name, and notes their ids.
fn write(name: &str, expected: &mut Ids, span: &Span) {
    logger_info!("{}", name);
    metrics::counter(name.to_owned(), 1).capture();
    expected.insert(name.to_owned(), (span.trace_id().to_string(), span.span_id().to_string()));
}

async fn work(tracer: Tracer, number: usize) -> Ids {
    let mut expected = Ids::new();
    let job = tracer.service_span("task", "job").sampled(number.is_multiple_of(2)).start();
    let query = job.start_span("db.query", "SELECT 1");
    for step in 0..3 {
        yield_now().await;
        job.scope(|| write(&format!("job {number}.{step}"), &mut expected, &job));
        query.scope(|| write(&format!("query {number}.{step}"), &mut expected, &query));
    }
    let blocking = job.scope(|| {
        in_current_trace(|| {
            logger_info!("{}", "a thread");
        })
    });
    tokio::task::spawn_blocking(blocking).await.unwrap();
    let late = async {
        yield_now().await;
        logger_info!("{}", "a task");
        metrics::counter("a task", 1).capture();
    };
    tokio::spawn(late.in_trace(query.context().clone())).await.unwrap();
    expected
}

/// Returns the items of all containers of a kind.
fn items(arrived: &[collector::Envelope], kind: &str) -> Vec<Value> {
    let containers = arrived.iter().filter(|envelope| envelope.kind == kind);
    containers.flat_map(|envelope| envelope.item["items"].as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn logs_and_metrics_are_on_the_trace_of_the_work_that_wrote_them() {
    let collector = Collector::open(Answer::Ok);
    let options = ClientOptions::new()
        .dsn(&collector.dsn)
        .traces_sample_rate(1.0)
        .before_send_log(|mut log: Log| {
            // The application's own callback sees the ids, and may drop and change.
            let trace_id = log.trace_id.unwrap().to_string();
            log.attributes.insert("seen".to_owned(), sentry::protocol::LogAttribute(trace_id.into()));
            (log.level != LogLevel::Debug).then_some(log)
        })
        .before_send_metric(|metric: Metric| (metric.name != "unwanted").then_some(metric))
        .add_integration(TraceIntegration);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    Hub::current().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client.clone()).unwrap();
    let tracer = sink.tracer().build().unwrap();

    let jobs: Vec<_> = (0..8).map(|number| work(tracer.clone(), number)).collect();
    let expected: Ids = futures_util::future::join_all(jobs).await.into_iter().flatten().collect();
    logger_info!("{}", "no context");
    sentry::logger_debug!("{}", "unwanted");
    metrics::counter("unwanted", 1).capture();
    assert!(sink.flush(PATIENCE));
    let arrived = collector.arrived();

    let (logs, metrics) = (items(&arrived, "log"), items(&arrived, "trace_metric"));
    let ids = |item: &Value, span_id: &Value| {
        (item["trace_id"].as_str().unwrap().to_owned(), span_id.as_str().unwrap_or_default().to_owned())
    };
    let named = |name: &str| expected.get(name);
    for log in &logs {
        let span_id = &log["attributes"]["sentry.trace.parent_span_id"]["value"];
        assert_eq!(log["attributes"]["seen"]["value"], log["trace_id"]);
        match log["body"].as_str().unwrap() {
            "no context" => assert!(span_id.is_null()),
            "a task" | "a thread" => {
                assert!(expected.values().any(|known| *known == ids(log, span_id)), "{log}");
            }
            name => assert_eq!(named(name), Some(&ids(log, span_id)), "{name}"),
        }
    }
    for metric in &metrics {
        match metric["name"].as_str().unwrap() {
            "a task" => assert!(expected.values().any(|known| *known == ids(metric, &metric["span_id"]))),
            name => assert_eq!(named(name), Some(&ids(metric, &metric["span_id"])), "{name}"),
        }
    }
    assert_eq!((logs.len(), metrics.len()), (expected.len() + 8 * 2 + 1, expected.len() + 8));
}

#[test]
fn an_event_has_the_name_the_operation_and_the_status_of_its_span() {
    let collector = Collector::open(Answer::Ok);
    let options =
        ClientOptions::new().dsn(&collector.dsn).traces_sample_rate(1.0).add_integration(TraceIntegration);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    let tracer = SentrySink::new(client.clone()).unwrap().tracer().build().unwrap();
    // Neither the main hub nor one made from it.
    let hub = Arc::new(Hub::new(Some(client.clone()), Arc::default()));
    let job = tracer.service_span("queue.process", "confirmations").start();
    job.set_status(trace_core::SpanStatus::NotFound);
    job.scope(|| Hub::run(hub.clone(), || sentry::capture_message("in the job", Level::Error)));
    let own = sentry::protocol::Event { transaction: Some("its own".to_owned()), ..Default::default() };
    job.scope(|| Hub::run(hub, || sentry::capture_event(own)));
    assert!(client.flush(Some(PATIENCE)));
    let (event, own) = (collector.next("event").item, collector.next("event").item);
    let trace = &event["contexts"]["trace"];
    assert_eq!(event["transaction"], "confirmations");
    assert_eq!((&trace["op"], &trace["status"]), (&"queue.process".into(), &"not_found".into()));
    assert_eq!(trace["trace_id"], job.trace_id().to_string());
    assert_eq!((&own["transaction"], &own["contexts"]["trace"]["op"]), (&"its own".into(), &trace["op"]));
}
