use std::collections::HashMap;

use super::*;
use crate::record::{FinishedSpan, FinishedTransaction, NameSource, Outcome, SpanStatus};
use crate::sinks::InMemorySink;

type Metadata = HashMap<String, String>;

fn recording() -> (Tracer, InMemorySink) {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    (tracer, sink)
}

fn only(sink: &InMemorySink) -> FinishedTransaction {
    let [transaction] = <[_; 1]>::try_from(sink.take()).unwrap();
    transaction
}

/// Returns a transaction with one published message, and the metadata of that message.
fn publish(message: QueueMessage) -> (FinishedTransaction, Metadata) {
    let (tracer, sink) = recording();
    let mut metadata = Metadata::new();
    let request = tracer.service_span("task", TransactionName::task("request")).start();
    request.scope(|| message.publish(&tracer, &mut metadata).end());
    request.end();
    (only(&sink), metadata)
}

fn process(message: QueueMessage, metadata: &Metadata) -> FinishedTransaction {
    let (tracer, sink) = recording();
    message.process(&tracer, metadata).end();
    only(&sink)
}

fn attributes(span: &FinishedSpan) -> Vec<String> {
    span.attributes.iter().map(|(key, value)| format!("{key}={value:?}")).collect()
}

#[test]
fn both_sides_record_what_is_known() {
    let new = || QueueMessage::new("kafka", "orders");
    // On 64-bit targets, the size exceeds the range of an attribute.
    let most = if usize::BITS > 32 { vec![] } else { vec!["message.body.size=Integer(4294967295)"] };
    let table = [
        (new(), vec![]),
        (new().id("17"), vec![r#"message.id=Text("17")"#]),
        (new().body_size(0), vec!["message.body.size=Integer(0)"]),
        (new().body_size(usize::MAX), most),
        (new().retry_count(2), vec!["message.retry.count=Integer(2)"]),
        (new().receive_latency(Duration::from_micros(1500)), vec!["message.receive.latency=Float(1.5)"]),
        (
            new().receive_latency(Duration::ZERO).id("x").retry_count(0).body_size(7).name("ship"),
            vec![
                r#"message.id=Text("x")"#,
                "message.body.size=Integer(7)",
                "message.retry.count=Integer(0)",
                "message.receive.latency=Float(0.0)",
            ],
        ),
    ];
    for (message, known) in table {
        let expected: Vec<_> = [r#"system=Text("kafka")"#, r#"destination.name=Text("orders")"#]
            .into_iter()
            .chain(known)
            .map(|attribute| format!("messaging.{attribute}"))
            .collect();
        let (request, metadata) = publish(message.clone());
        assert_eq!(attributes(&request.spans[0]), expected, "{message:?}");
        assert_eq!(attributes(&process(message.clone(), &metadata).root), expected, "{message:?}");
    }
}

#[test]
fn the_work_is_called_by_its_name_else_by_its_queue() {
    let new = || QueueMessage::new("kafka", "orders");
    for (message, expected) in [(new(), "orders"), (new().name("ship"), "ship")] {
        let (request, metadata) = publish(message.clone());
        let [span] = <[_; 1]>::try_from(request.spans).unwrap();
        assert_eq!((&*span.operation, &*span.description), ("queue.publish", expected));

        let job = process(message, &metadata);
        assert_eq!((job.name.as_str(), job.name.source()), (expected, NameSource::Task));
        assert_eq!(job.root.operation, "queue.process");
    }
}

#[test]
fn the_consumer_continues_from_the_publishers_span() {
    let (request, metadata) = publish(QueueMessage::new("kafka", "orders"));
    let job = process(QueueMessage::new("kafka", "orders"), &metadata);
    assert_eq!(job.trace_id, request.trace_id);
    assert_eq!(request.spans[0].parent_span_id, Some(request.root.span_id));
    assert_eq!(job.root.parent_span_id, Some(request.spans[0].span_id));
    assert_eq!(job.dynamic_sampling_context(), request.dynamic_sampling_context());
}

#[test]
fn the_headers_are_written_whether_or_not_anything_is_recorded() {
    let (recording, _) = recording();
    let plain = Tracer::builder().build().unwrap();
    let unsampled = Tracer::builder().traces_sample_rate(0.0).build().unwrap();
    let transaction = |tracer: &Tracer| {
        let span = tracer.service_span("task", TransactionName::task("t")).start();
        span.context().clone()
    };
    let table = [
        ("no context", &recording, None, None),
        ("recorded", &recording, Some(transaction(&recording)), Some(true)),
        ("no sampling option", &plain, Some(transaction(&plain)), None),
        ("not sampled", &unsampled, Some(transaction(&unsampled)), Some(false)),
    ];
    for (case, tracer, current, sampled) in table {
        let mut metadata = Metadata::new();
        let message = QueueMessage::new("kafka", "orders");
        let span = match &current {
            Some(current) => current.scope(|| message.publish(tracer, &mut metadata)),
            None => message.publish(tracer, &mut metadata),
        };
        assert_eq!(metadata["sentry-trace"], span.context().sentry_trace().to_string(), "{case}");
        assert!(metadata["baggage"].contains(&format!("sentry-trace_id={}", span.trace_id())), "{case}");
        assert_eq!(span.context().sampled(), sampled, "{case}");
        if let Some(current) = current {
            assert_eq!(span.trace_id(), current.trace_id(), "{case}");
            assert_eq!(span.context().parent_span_id(), Some(current.span_id()), "{case}");
            assert_ne!(span.span_id(), current.span_id(), "{case}");
        }
    }
}

#[test]
fn publishing_again_replaces_the_headers_and_keeps_members_of_others() {
    let tracer = Tracer::builder().build().unwrap();
    let mut metadata = Metadata::from([("baggage".to_owned(), "tenant=acme".to_owned())]);
    let message = QueueMessage::new("kafka", "orders");
    message.clone().publish(&tracer, &mut metadata).end();
    let again = message.publish(&tracer, &mut metadata);

    assert_eq!(metadata["sentry-trace"], again.context().sentry_trace().to_string());
    let baggage = &metadata["baggage"];
    assert!(baggage.starts_with("tenant=acme,sentry-"), "{baggage}");
    assert_eq!(baggage.matches("sentry-trace_id=").count(), 1, "{baggage}");
}

#[test]
fn a_traceparent_is_ours_with_the_option_and_of_others_without() {
    let foreign = "00-771a43a4192642f0b136d5159a501700-b72fa28504b07285-01";
    for (before, propagates) in [(None, true), (Some(foreign), true), (None, false), (Some(foreign), false)] {
        let tracer = Tracer::builder().propagate_traceparent(propagates).build().unwrap();
        let existing = before.map(|value| ("traceparent".to_owned(), value.to_owned()));
        let mut metadata: Metadata = existing.into_iter().collect();
        let message = QueueMessage::new("kafka", "orders");
        message.clone().publish(&tracer, &mut metadata).end();
        let again = message.publish(&tracer, &mut metadata);

        let data = again.context().trace_data();
        let expected = if propagates { data.traceparent() } else { before };
        assert_eq!(metadata.get("traceparent").map(String::as_str), expected, "{before:?} {propagates}");
    }
}

#[test]
fn a_forwarded_message_names_whoever_forwards_it() {
    let tracer = Tracer::builder().accept_traceparent(true).propagate_traceparent(true).build().unwrap();
    let sentry = ("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1");
    let w3c = ("traceparent", "00-771a43a4192642f0b136d5159a501700-b72fa28504b07285-01");
    for received in [vec![], vec![sentry], vec![w3c], vec![sentry, w3c]] {
        let mut metadata: Metadata =
            received.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let job = QueueMessage::new("kafka", "orders").process(&tracer, &metadata);
        let forward = || QueueMessage::new("kafka", "retries").publish(&tracer, &mut metadata);
        let publish = job.scope(forward);

        assert_eq!(publish.context().parent_span_id(), Some(job.span_id()), "{received:?}");
        assert_eq!(metadata["sentry-trace"], publish.context().sentry_trace().to_string(), "{received:?}");
        let data = publish.context().trace_data();
        assert_eq!(metadata.get("traceparent").map(String::as_str), data.traceparent(), "{received:?}");
    }
}

#[test]
fn the_guard_ends_the_job_as_it_went() {
    let job = |work: fn(&Span)| {
        let (tracer, sink) = recording();
        let run = || {
            let span = QueueMessage::new("kafka", "orders").process(&tracer, &Metadata::new());
            work(&span);
        };
        let _panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        let job = only(&sink);
        (job.root.status, job.outcome)
    };
    let table: [(fn(&Span), _); 4] = [
        (|_| (), (None, Outcome::Complete)),
        (|span| span.set_status(SpanStatus::Ok), (Some(SpanStatus::Ok), Outcome::Complete)),
        (
            |span| span.set_status(SpanStatus::InternalError),
            (Some(SpanStatus::InternalError), Outcome::Complete),
        ),
        (|_| panic!("a job that panics"), (Some(SpanStatus::InternalError), Outcome::Panicked)),
    ];
    for (work, expected) in table {
        assert_eq!(job(work), expected);
    }
}
