//! Spans that start service spans of their own: many at once, within each other, and in both lifecycles.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use trace_core::{FinishedSpan, InMemorySink, SpanId, TraceContext, TraceId, Tracer};
use tracing::{Instrument, Span, info_span};
use tracing_subscriber::prelude::*;

/// What a sink received: each span with its trace and whether it is a service span.
fn received(sink: &InMemorySink) -> Vec<(TraceId, bool, FinishedSpan)> {
    let transactions = sink.take().into_iter().flat_map(|sent| {
        let spans = sent.spans.into_iter().map(|span| (false, span));
        let all: Vec<_> = std::iter::once((true, sent.root)).chain(spans).collect();
        all.into_iter().map(move |(is_root, span)| (sent.trace_id, is_root, span))
    });
    let streamed = sink.take_spans();
    let streamed = streamed.iter().map(|streamed| {
        let is_root = streamed.span.span_id == streamed.service_span_id();
        (streamed.trace_id(), is_root, streamed.span.clone())
    });
    transactions.chain(streamed).collect()
}

fn subscriber(sink: &InMemorySink) -> impl tracing::Subscriber + Send + Sync + use<> {
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let layer = trace_tracing::layer().root(tracer, |metadata| metadata.name() == "root");
    tracing_subscriber::registry().with(layer)
}

#[test]
fn ten_thousand_at_once_are_traces_of_their_own() {
    const ROOTS: u64 = 10_000;
    for sink in [InMemorySink::default(), InMemorySink::streaming()] {
        let dispatch = tracing::Dispatch::new(subscriber(&sink));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .on_thread_start({
                let dispatch = dispatch.clone();
                move || std::mem::forget(tracing::dispatcher::set_default(&dispatch))
            })
            .build()
            .unwrap();
        runtime.block_on(async {
            let roots = (0..ROOTS).map(|n| {
                tokio::spawn(async move {
                    let work = async {
                        for _ in 0..3 {
                            let step = async { tokio::task::yield_now().await };
                            step.instrument(info_span!("step", n)).await;
                        }
                    };
                    work.instrument(info_span!("root", n)).await;
                })
            });
            for root in roots.collect::<Vec<_>>() {
                root.await.unwrap();
            }
        });
        let mut traces = BTreeMap::<String, (BTreeSet<String>, usize, usize)>::new();
        for (trace_id, is_root, span) in received(&sink) {
            let found = traces.entry(trace_id.to_string()).or_default();
            found.0.insert(span.attribute("n").unwrap().to_string());
            *if is_root { &mut found.1 } else { &mut found.2 } += 1;
        }
        assert_eq!(traces.len() as u64, ROOTS);
        let numbers: BTreeSet<_> = traces.values().map(|(numbers, ..)| numbers.clone()).collect();
        assert_eq!(numbers.len() as u64, ROOTS, "each number is of one trace");
        assert!(traces.values().all(|(numbers, roots, steps)| (numbers.len(), *roots, *steps) == (1, 1, 3)));
        assert!(sink.take_losses().is_empty());
    }
}

/// Runs work on this thread, and returns each span as `parent > span`, in the order in which they ended.
fn tree(sink: &InMemorySink, work: impl FnOnce()) -> Vec<String> {
    let _default = subscriber(sink).set_default();
    work();
    assert!(TraceContext::current().is_none());
    let spans = received(sink);
    let name = |id: Option<SpanId>| {
        let parent = spans.iter().find(|(_, _, span)| Some(span.span_id) == id);
        parent.map_or_else(|| "nothing".to_owned(), |(_, _, span)| label(span))
    };
    spans.iter().map(|(_, _, span)| format!("{} > {}", name(span.parent_span_id), label(span))).collect()
}

fn label(span: &FinishedSpan) -> String {
    span.attribute("name").unwrap().to_string()
}

#[test]
fn roots_are_made_where_nothing_is_current_and_where_they_are_detached() {
    for sink in [InMemorySink::default(), InMemorySink::streaming()] {
        let mut found = tree(&sink, || {
            let first = info_span!("root", name = "first");
            first.in_scope(|| {
                info_span!("root", name = "within").in_scope(|| {});
                let detached = info_span!(parent: None, "root", name = "detached");
                detached.in_scope(|| info_span!("step", name = "of detached").in_scope(|| {}));
                info_span!("step", name = "of first").in_scope(|| {});
            });
            info_span!("step", name = "not recorded").in_scope(|| {
                info_span!("root", name = "in a step").in_scope(|| {});
            });
            info_span!(parent: &first, "root", name = "explicit").in_scope(|| {});
        });
        found.sort_unstable();
        let expected = [
            "detached > of detached",
            "first > explicit",
            "first > of first",
            "first > within",
            "nothing > detached",
            "nothing > first",
            "nothing > in a step",
        ];
        assert_eq!(found, expected);
    }
}

#[test]
fn a_root_whose_handle_goes_first_ends_after_its_spans() {
    for sink in [InMemorySink::default(), InMemorySink::streaming()] {
        let found = tree(&sink, || {
            let root = info_span!("root", name = "root");
            let child = root.in_scope(|| info_span!("step", name = "child"));
            drop(root);
            drop(child);
        });
        assert!(found.contains(&"root > child".to_owned()) && found.len() == 2, "{found:?}");
    }
}

/// A value that drops a span when it is formatted.
struct Drops(std::sync::Mutex<Option<Span>>);

impl std::fmt::Debug for Drops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        drop(self.0.lock().unwrap().take());
        f.write_str("dropped")
    }
}

#[test]
fn a_root_ends_while_an_event_is_made() {
    for sink in [InMemorySink::default(), InMemorySink::streaming()] {
        let found = tree(&sink, || {
            let root = Drops(std::sync::Mutex::new(Some(info_span!("root", name = "dropped"))));
            info_span!("root", name = "other").in_scope(|| tracing::error!(error = ?root));
        });
        assert_eq!(found, ["nothing > dropped", "nothing > other"]);
    }
}
