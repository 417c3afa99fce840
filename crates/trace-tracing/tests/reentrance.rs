//! Code of the application that the layer calls, and that uses `tracing` itself: filters, samplers, sinks and hooks. The
//! subscriber is that of the process, since `tracing` does not call one of a thread within itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use trace_core::{
    FinishedSpan, InMemorySink, Record, Requirements, SpanSink, TraceContext, TraceExt, Tracer, TracerBuilder,
};
use tracing::span::{Attributes, Id};
use tracing::{info, info_span};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// The calls of the application's code, by what is called.
static CALLS: Mutex<BTreeMap<&str, usize>> = Mutex::new(BTreeMap::new());

/// Makes a span and logs.
fn trace(of: &'static str) {
    *CALLS.lock().unwrap().entry(of).or_default() += 1;
    info_span!("of the application").in_scope(|| info!("logs"));
}

/// A sink that uses `tracing` whenever it is called.
struct Traces(InMemorySink);

impl SpanSink for Traces {
    fn receive(&self, record: Record) {
        trace("sink");
        self.0.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.0.requirements()
    }
}

fn tracing_builder(sink: &InMemorySink) -> TracerBuilder {
    let hook = |transaction| {
        trace("before_send_transaction");
        Some(transaction)
    };
    Tracer::builder()
        .before_send_transaction(hook)
        .before_send_span(|_| trace("before_send_span"))
        .traces_sampler(|_| {
            trace("sampler");
            Some(1.0)
        })
        .sink(Traces(sink.clone()))
}

/// The spans that the registry has made.
#[derive(Clone, Default)]
struct Slots(Arc<Mutex<Vec<Id>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Slots {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        self.0.lock().unwrap().push(id.clone());
    }
}

impl Slots {
    /// Returns the number of spans that have been closed and are still there.
    fn leaked(&self) -> usize {
        let made = std::mem::take(&mut *self.0.lock().unwrap());
        tracing::dispatcher::get_default(|dispatch| {
            let registry = dispatch.downcast_ref::<tracing_subscriber::Registry>().unwrap();
            made.iter().filter(|id| registry.span_data(id).is_some()).count()
        })
    }
}

#[tokio::test]
async fn code_of_the_application_that_uses_tracing_ends() {
    let sinks = [InMemorySink::default(), InMemorySink::streaming()];
    let of_roots = InMemorySink::default();
    let layer = trace_tracing::layer()
        .filter(|_| {
            trace("filter");
            true
        })
        .root(tracing_builder(&of_roots).build().unwrap(), |metadata| {
            trace("root filter");
            metadata.name() == "root"
        });
    let slots = Slots::default();
    tracing_subscriber::registry().with(layer).with(slots.clone()).init();
    for sink in &sinks {
        let tracer = tracing_builder(sink).build().unwrap();
        for _ in 0..10 {
            let job = tracer.service_span("task", "job").start();
            let (late, context) = (job.scope(|| info_span!("late")), job.context().clone());
            let work = async {
                info_span!("span").in_scope(tokio::task::yield_now).await;
                TraceContext::current().unwrap().start_span("http.client", "client").end();
            };
            work.in_span(job).await;
            // After the end of the job.
            context.scope(|| drop(late));
            context.scope(|| info_span!("later").in_scope(|| {}));
        }
    }
    for _ in 0..10 {
        info_span!("root").in_scope(|| info_span!("span").in_scope(|| {}));
    }
    let names = |sink: &InMemorySink| -> Vec<Vec<String>> {
        let own = |span: &FinishedSpan| span.description != "of the application";
        let sent = sink.take().into_iter();
        sent.map(|sent| sent.spans.into_iter().filter(own).map(|span| span.description.to_string()).collect())
            .collect()
    };
    assert_eq!(names(&sinks[0]), vec![vec!["span".to_owned(), "client".to_owned()]; 10]);
    assert_eq!(names(&of_roots), vec![vec!["span".to_owned()]; 10]);
    let streamed = sinks[1].take_spans();
    let late = streamed.iter().filter(|streamed| streamed.span.description == "late").count();
    assert_eq!((late, slots.leaked()), (10, 0));
    let calls = CALLS.lock().unwrap();
    assert_eq!((calls["before_send_transaction"], calls["sampler"]), (20, 30));
}
