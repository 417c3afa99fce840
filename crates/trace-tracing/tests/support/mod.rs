//! What the tests share: a subscriber with the layer, and what a job recorded within it.

#![allow(dead_code, reason = "each test uses a part")]

use trace_core::{FinishedSpan, InMemorySink, TraceId, Tracer};
use trace_tracing::TracingLayer;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::prelude::*;

/// The spans of the one job that was recorded, in the order of their starts.
pub(crate) struct Recorded {
    pub(crate) trace_id: TraceId,
    pub(crate) root: FinishedSpan,
    pub(crate) spans: Vec<FinishedSpan>,
}

impl Recorded {
    pub(crate) fn of(sink: &InMemorySink) -> Self {
        let mut sent = sink.take();
        assert_eq!(sent.len(), 1, "service spans");
        let mut sent = sent.remove(0);
        sent.spans.sort_by_key(|span| span.start);
        Self { trace_id: sent.trace_id, root: sent.root, spans: sent.spans }
    }

    pub(crate) fn span(&self, description: &str) -> &FinishedSpan {
        let mut found = self.spans.iter().filter(|span| span.description == description);
        let span = found.next().unwrap_or_else(|| panic!("no {description}"));
        assert!(found.next().is_none(), "{description} twice");
        span
    }

    pub(crate) fn children(&self, parent: &str) -> Vec<&FinishedSpan> {
        let id = if parent == "job" { self.root.span_id } else { self.span(parent).span_id };
        self.spans.iter().filter(|span| span.parent_span_id == Some(id)).collect()
    }

    /// Each span as `parent > span`.
    pub(crate) fn tree(&self) -> Vec<String> {
        let name = |id| match self.spans.iter().find(|span| Some(span.span_id) == id) {
            Some(span) => &*span.description,
            None if id == Some(self.root.span_id) => "job",
            None => "nothing",
        };
        let line = |span: &FinishedSpan| format!("{} > {}", name(span.parent_span_id), span.description);
        self.spans.iter().map(line).collect()
    }
}

/// A subscriber with the layer, for this thread, and a tracer that records everything.
pub(crate) fn with_layer(layer: TracingLayer) -> (DefaultGuard, Tracer, InMemorySink) {
    let (tracer, sink) = recorded();
    (tracing_subscriber::registry().with(layer).set_default(), tracer, sink)
}

pub(crate) fn recorded() -> (Tracer, InMemorySink) {
    let sink = InMemorySink::default();
    (Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap(), sink)
}

/// Runs work in a job, with the layer as it is by default.
pub(crate) fn run(work: impl FnOnce()) -> Recorded {
    run_with(trace_tracing::layer(), work)
}

pub(crate) fn run_with(layer: TracingLayer, work: impl FnOnce()) -> Recorded {
    let (_default, tracer, sink) = with_layer(layer);
    let job = tracer.service_span("task", "job").start();
    job.scope(work);
    job.end();
    Recorded::of(&sink)
}
