//! Beside `tracing-opentelemetry`, both have the same trace id, whoever leads. The code of this test is the recipe of
//! `docs/tracing.md`.

use std::cell::Cell;

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::{IdGenerator, InMemorySpanExporter, RandomIdGenerator, SdkTracerProvider};
use trace_core::{InMemorySink, Tracer};
use trace_tracing::TraceIds;
use tracing::info_span;
use tracing_subscriber::prelude::*;

/// Ours leads: OpenTelemetry's spans get the ids of the current context, each id once.
#[derive(Debug, Default)]
struct IdsOfOurs(RandomIdGenerator);

thread_local! {
    static LAST: Cell<Option<TraceIds>> = const { Cell::new(None) };
}

impl IdGenerator for IdsOfOurs {
    fn new_trace_id(&self) -> opentelemetry::TraceId {
        let current = TraceIds::current();
        current.map_or_else(
            || self.0.new_trace_id(),
            |ids| opentelemetry::TraceId::from_bytes(ids.trace_id().to_bytes()),
        )
    }

    fn new_span_id(&self) -> opentelemetry::SpanId {
        let current = TraceIds::current();
        match current.filter(|_| LAST.replace(current) != current) {
            Some(ids) => opentelemetry::SpanId::from_bytes(ids.span_id().to_bytes()),
            // It has been handed out: to the span round one that is never entered.
            None => self.0.new_span_id(),
        }
    }
}

#[test]
fn ours_leads_if_it_is_added_first() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_id_generator(IdsOfOurs::default())
        .with_simple_exporter(exporter.clone())
        .build();
    let theirs = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _default = tracing_subscriber::registry().with(trace_tracing::layer()).with(theirs).set_default();
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| info_span!("outer").in_scope(|| info_span!("inner").in_scope(|| {})));
    job.end();
    let sent = sink.take().remove(0);
    let theirs = exporter.get_finished_spans().unwrap();
    let of_theirs = theirs.iter().map(|span| {
        (
            span.name.to_string(),
            span.span_context.trace_id().to_string(),
            span.span_context.span_id().to_string(),
        )
    });
    let of_ours = sent
        .spans
        .iter()
        .map(|span| (span.description.to_string(), sent.trace_id.to_string(), span.span_id.to_string()));
    assert_eq!(of_theirs.collect::<Vec<_>>(), of_ours.collect::<Vec<_>>());
    assert_eq!(theirs[0].parent_span_id, theirs[1].span_context.span_id());
}

#[test]
fn theirs_leads_if_our_trace_continues_theirs() {
    let provider = SdkTracerProvider::builder().with_simple_exporter(InMemorySpanExporter::default()).build();
    let theirs = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _default = tracing_subscriber::registry().with(theirs).with(trace_tracing::layer()).set_default();
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let trace_id = info_span!("request").in_scope(|| {
        // In the span of OpenTelemetry, our service span continues its trace.
        let context = opentelemetry::Context::current();
        let theirs = context.span().span_context().clone();
        let sampled = u8::from(theirs.is_sampled());
        let header = format!("{}-{}-{sampled}", theirs.trace_id(), theirs.span_id());
        let job =
            tracer.service_span("task", "job").continuing([("sentry-trace", &*header)].as_slice()).start();
        job.scope(|| {
            info_span!("inner").in_scope(|| {
                let inner = opentelemetry::Context::current();
                assert_eq!(inner.span().span_context().trace_id().to_string(), job.trace_id().to_string());
            });
        });
        theirs.trace_id().to_string()
    });
    let sent = sink.take().remove(0);
    assert_eq!((sent.trace_id.to_string(), &*sent.spans[0].description), (trace_id, "inner"));
}
