use std::time::Duration;

use crate::clock::tests::SET_BACK;
use crate::{
    DropReason, InMemorySink, Loss, SpanStatus, StreamedSpan, Tracer, TracerBuilder, TransactionName,
};

fn streaming() -> (TracerBuilder, InMemorySink) {
    let sink = InMemorySink::streaming();
    (Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()), sink)
}

fn names(spans: &[StreamedSpan]) -> Vec<&str> {
    spans.iter().map(|streamed| &*streamed.span.description).collect()
}

#[test]
fn a_span_leaves_when_it_ends_and_so_do_late_children() {
    let (tracer, sink) = streaming();
    let tracer = tracer.build().unwrap();
    let job = tracer.service_span("task", TransactionName::url("GET /orders/17")).start();
    let context = job.context().clone();
    let (first, hanging) = (job.start_span("function", "first"), job.start_span("function", "hanging"));
    first.set_status(SpanStatus::Ok);
    first.end();
    let spans = sink.take_spans();
    assert_eq!(names(&spans), ["first"]);
    assert!(!spans[0].is_service_span());
    assert!(!spans[0].is_late());
    assert_eq!(spans[0].span.parent_span_id, Some(spans[0].service_span_id()));
    assert_eq!(spans[0].transaction_name().as_str(), "GET /orders/17");

    context.set_transaction_name(TransactionName::route("GET /orders/{id}"));
    job.end();
    let spans = sink.take_spans();
    assert!(spans[0].is_service_span() && spans[0].sampled());
    assert_eq!(spans[0].transaction_name().as_str(), "GET /orders/{id}");
    assert_eq!(spans[0].dynamic_sampling_context().get("transaction").as_deref(), Some("GET /orders/{id}"));
    assert_eq!(spans[0].own_sample_rate().map(|rate| rate.get()), Some(1.0));

    context.start_span("function", "late").end();
    hanging.start_span("function", "below what hangs").end();
    hanging.end();
    let spans = sink.take_spans();
    assert_eq!(names(&spans), ["late", "below what hangs", "hanging"]);
    assert_eq!(spans[1].span.parent_span_id, Some(spans[2].span.span_id));
    assert!(spans.iter().all(StreamedSpan::is_late));
    assert!(sink.take_losses().is_empty() && sink.take().is_empty());
}

#[test]
fn rules_of_transactions_do_not_hold_for_streamed_spans() {
    let (tracer, sink) = streaming();
    let tracer = tracer.max_duration(Duration::ZERO).keep_open_limit(Duration::ZERO).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let guard = job.context().keep_open();
    for _ in 0..super::MAX_SPANS + 5 {
        job.start_span("function", "one of many").end();
    }
    job.end();
    drop(guard);
    let spans = sink.take_spans();
    assert_eq!(spans.len(), super::MAX_SPANS + 6);
    assert_eq!(spans.iter().filter(|span| span.is_service_span()).count(), 1);
    assert!(sink.take_losses().is_empty());
}

#[test]
fn an_unsampled_service_span_counts_as_one_span() {
    let sink = InMemorySink::streaming();
    let tracer = Tracer::builder().traces_sample_rate(0.0).sink(sink.clone()).build().unwrap();
    tracer.service_span("task", "job").start().start_span("function", "work").end();
    assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::SampleRate, 1)]);
    assert!(sink.take_spans().is_empty());
}

#[test]
fn a_late_change_does_not_reach_the_span_that_took_the_place() {
    let (tracer, sink) = streaming();
    let tracer = tracer.build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let first = job.start_span("function", "first");
    let late = first.context().clone();
    first.end();
    let second = job.start_span("function", "second");
    late.set_description("changed");
    late.end_span(crate::Outcome::Failed, Some(SpanStatus::InternalError), None);
    second.end();
    let spans = sink.take_spans();
    assert_eq!(names(&spans), ["first", "second"]);
    assert_eq!(spans[1].span.status, None);
}

#[test]
fn a_clock_that_is_set_back_changes_neither_the_order_nor_the_length_of_spans() {
    let (tracer, sink) = streaming();
    let tracer = tracer.build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let before = job.start_span("function", "before");
    SET_BACK.set(Duration::from_secs(3600));
    job.start_span("function", "after").end();
    before.end();
    job.end();
    let next = tracer.service_span("task", "next").start();
    next.end();
    let spans = sink.take_spans();
    let [after, before, job, next] = &spans[..] else { panic!("{spans:?}") };
    let minute = Duration::from_secs(60);
    assert!(job.span.start <= before.span.start && before.span.start <= after.span.start);
    assert!(spans.iter().all(|streamed| streamed.span.duration < minute), "{spans:?}");
    assert!(after.span.end() <= before.span.end() && before.span.end() <= job.span.end());
    assert!(next.span.start + minute < job.span.start, "another service span asks the clock anew");
}
