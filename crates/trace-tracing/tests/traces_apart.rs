//! Work of one trace that is done within a span of another one belongs to its own trace, and suppressed work to none.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::{recorded, with_layer};
use trace_core::{InMemorySink, SpanStatus, suppress_tracing};
use tracing::{error, info_span};
use tracing_subscriber::prelude::*;

mod support;

/// The description and the status of a span.
type Named = (String, Option<SpanStatus>);

/// Returns the name of each service span that was sent, with its spans.
fn sent(sink: &InMemorySink) -> Vec<(String, Vec<Named>)> {
    let mut sent: Vec<_> = sink
        .take()
        .into_iter()
        .map(|mut sent| {
            sent.spans.sort_by_key(|span| span.start);
            let spans = sent.spans.iter().map(|span| (span.description.to_string(), span.status));
            (sent.name.as_str().to_owned(), spans.collect())
        })
        .collect();
    sent.sort_by(|(first, _), (second, _)| first.cmp(second));
    sent
}

fn plain(name: &str) -> Named {
    (name.to_owned(), None)
}

#[test]
fn a_parent_without_data_does_not_lead_to_the_trace_round_it() {
    let layer = trace_tracing::layer().filter(|metadata| metadata.name() != "refused");
    let (_default, tracer, sink) = with_layer(layer);
    let job = tracer.service_span("task", "job").start();
    let other = tracer.service_span("task", "other").start();
    let unsampled = tracer.service_span("task", "unsampled").sampled(false).start();
    let outer = job.scope(|| info_span!("outer"));
    outer.in_scope(|| {
        unsampled.scope(|| {
            let parent = info_span!("not recorded");
            info_span!(parent: &parent, "not recorded").in_scope(|| {});
        });
        other.scope(|| {
            let refused = info_span!("refused");
            info_span!(parent: &refused, "not recorded").in_scope(|| {});
        });
    });
    let refused = job.scope(|| outer.in_scope(|| info_span!("refused")));
    info_span!(parent: &refused, "where nothing is current").in_scope(|| {});
    other.scope(|| info_span!(parent: &outer, "explicit")).in_scope(|| {});
    drop((refused, outer));
    for span in [job, other, unsampled] {
        span.end();
    }
    let expected = ["outer", "where nothing is current", "explicit"].map(plain).to_vec();
    assert_eq!(sent(&sink), [("job".to_owned(), expected), ("other".to_owned(), vec![])]);
}

#[test]
fn an_error_fails_no_span_of_another_trace() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let other = tracer.service_span("task", "other").start();
    job.scope(|| {
        info_span!("round").in_scope(|| {
            other.scope(|| error!(error = "in the other"));
            other.scope(|| info_span!("inner").in_scope(|| error!(error = "in the inner")));
        });
        let named = info_span!("named");
        other.scope(|| error!(parent: &named, error = "of the named"));
    });
    job.end();
    other.end();
    let failed = |name: &str| (name.to_owned(), Some(SpanStatus::InternalError));
    assert_eq!(
        sent(&sink),
        [
            ("job".to_owned(), vec![plain("round"), failed("named")]),
            ("other".to_owned(), vec![failed("inner")])
        ]
    );
}

#[test]
fn suppressed_work_starts_nothing() {
    let (tracer, sink) = recorded();
    let layer = trace_tracing::layer().root(tracer.clone(), |_| true);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let job = tracer.service_span("task", "job").start();
    let outer = job.scope(|| info_span!("outer"));
    let spans = || {
        info_span!("contextual").in_scope(|| {});
        info_span!(parent: None, "detached").in_scope(|| {});
        info_span!(parent: &outer, "explicit").in_scope(|| {});
    };
    suppress_tracing(spans);
    job.scope(|| suppress_tracing(spans));
    drop(outer);
    job.end();
    assert_eq!(sent(&sink), [("job".to_owned(), vec![plain("outer")])]);
}

#[test]
fn links_lead_to_other_traces_and_to_spans_that_are_open() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let other = tracer.service_span("task", "other").start();
    let first = job.scope(|| info_span!("first"));
    let closed = job.scope(|| info_span!("closed")).id();
    let second = other.scope(|| info_span!("second"));
    second.follows_from(&first);
    second.follows_from(closed);
    for _ in 0..1000 {
        first.follows_from(&first);
    }
    drop((first, second));
    let trace_id = job.trace_id();
    other.end();
    job.end();
    let sent = sink.take();
    let links = &sent[0].spans[0].links;
    assert_eq!(links.iter().map(|link| link.trace_id).collect::<Vec<_>>(), [trace_id]);
    let spans = sent[1].spans.iter();
    assert_eq!(spans.map(|span| span.links.len()).max(), Some(128), "there is a limit");
}
