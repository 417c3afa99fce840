//! The layer within other layers and filters of `tracing-subscriber`: the tree is the same in each.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::{Recorded, recorded};
use trace_core::TraceContext;
use tracing::{Dispatch, Level, debug_span, info_span, warn_span};
use tracing_subscriber::filter::{FilterFn, LevelFilter, Targets, filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry, fmt, registry, reload};

mod support;

/// Does some work in a job with a subscriber, and returns the tree.
fn tree(subscriber: impl Into<Dispatch>, work: impl FnOnce()) -> Vec<String> {
    let (tracer, sink) = recorded();
    let job = tracer.service_span("task", "job").start();
    tracing::dispatcher::with_default(&subscriber.into(), || job.scope(work));
    job.end();
    Recorded::of(&sink).tree()
}

fn nested() {
    let outer = info_span!("outer", later = tracing::field::Empty);
    outer.record("later", 1);
    outer.in_scope(|| {
        debug_span!("verbose").in_scope(|| info_span!("inner").in_scope(|| {}));
        let current = TraceContext::current().unwrap();
        current.start_span("http.client", "client").end();
    });
    warn_span!(parent: &outer, "explicit").in_scope(|| {});
}

fn boxed(layer: impl Layer<Registry> + Send + Sync) -> Box<dyn Layer<Registry> + Send + Sync> {
    layer.boxed()
}

fn all() -> FilterFn {
    filter_fn(|_| true)
}

#[test]
fn the_tree_is_the_same_in_any_composition() {
    let layer = trace_tracing::layer;
    let silent = || fmt::layer().with_writer(std::io::sink);
    let table = [
        ("alone", boxed(layer())),
        ("in an option", boxed(Some(layer()))),
        ("in a box of a box", boxed(boxed(layer()))),
        ("in a list", boxed(vec![boxed(layer()), boxed(silent())])),
        ("twice in a list", boxed(vec![boxed(layer()), boxed(layer())])),
        ("before another", boxed(layer().and_then(silent()))),
        ("after another", boxed(silent().and_then(layer()))),
        ("beside one that is filtered", boxed(silent().with_filter(LevelFilter::ERROR).and_then(layer()))),
        ("reloadable", boxed(reload::Layer::new(layer()).0)),
        ("filtered by level", boxed(layer().with_filter(LevelFilter::INFO))),
        ("filtered by a function", boxed(layer().max_level(Level::INFO).with_filter(all()))),
        ("filtered by target", boxed(layer().with_filter(Targets::new().with_default(Level::INFO)))),
        ("filtered twice", boxed(layer().with_filter(LevelFilter::INFO).with_filter(all()))),
        ("filtered and reloadable", boxed(reload::Layer::new(layer().with_filter(all())).0)),
    ];
    for (name, layer) in table {
        let found = tree(registry().with(layer), nested);
        assert_eq!(found, ["job > outer", "outer > inner", "outer > client", "outer > explicit"], "{name}");
    }
    let global = registry().with(LevelFilter::INFO).with(layer());
    assert_eq!(tree(global, nested).len(), 4, "below a filter of all layers");
    let nothing: Vec<Dispatch> = vec![
        Dispatch::none(),
        registry().with(None::<trace_tracing::TracingLayer>).into(),
        registry().with(layer()).with(LevelFilter::OFF).into(),
        registry().with(layer().with_filter(LevelFilter::OFF)).into(),
    ];
    for dispatch in nothing {
        assert_eq!(tree(dispatch, nested), ["job > client"]);
    }
}

/// A span whose parent is not recorded is below the next one round that which is, whoever refused it.
#[test]
fn refused_parents_are_skipped() {
    let is_wanted = |name: &str| name != "refused";
    let table = [
        ("ours", boxed(trace_tracing::layer().filter(move |metadata| is_wanted(metadata.name())))),
        (
            "of the subscriber",
            boxed(trace_tracing::layer().with_filter(filter_fn(move |metadata| is_wanted(metadata.name())))),
        ),
    ];
    for (name, layer) in table {
        // A span that all layers refuse is none, and `tracing` makes what is below it a root.
        let other = fmt::layer().with_writer(std::io::sink);
        let found = tree(registry().with(layer).with(other), || {
            info_span!("outer").in_scope(|| {
                let refused = info_span!("refused");
                refused.in_scope(|| info_span!("contextual").in_scope(|| {}));
                info_span!(parent: &refused, "explicit").in_scope(|| {});
                let refused = info_span!(parent: &refused, "refused");
                info_span!(parent: &refused, "deeper").in_scope(|| {});
            });
        });
        let expected = ["job > outer", "outer > contextual", "outer > explicit", "outer > deeper"];
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_layer_that_is_taken_out_at_run_time_ends_its_spans() {
    let (layer, handle) = reload::Layer::new(Some(trace_tracing::layer()));
    let found = tree(registry().with(layer), || {
        let span = info_span!("made before");
        let entered = span.clone().entered();
        handle.reload(None).unwrap();
        drop(entered);
        info_span!("not recorded").in_scope(|| {});
        drop(span);
        handle.reload(Some(trace_tracing::layer())).unwrap();
        info_span!("made after").in_scope(|| {});
    });
    assert_eq!(found, ["job > made before", "job > made after"]);
}

#[test]
fn a_span_is_closed_wherever_it_is_dropped() {
    let (tracer, sink) = recorded();
    let job = tracer.service_span("task", "job").start();
    let (own, other) = (Dispatch::new(registry().with(trace_tracing::layer())), Dispatch::new(registry()));
    let make = |name: &'static str| {
        tracing::dispatcher::with_default(&own, || job.scope(|| info_span!("span", otel.name = name)))
    };
    let (of_thread, elsewhere, nowhere) = (make("thread"), make("elsewhere"), make("nowhere"));
    std::thread::spawn(move || drop(of_thread)).join().unwrap();
    tracing::dispatcher::with_default(&other, || {
        elsewhere.in_scope(|| info_span!("of nobody").in_scope(|| {}))
    });
    tracing::dispatcher::with_default(&other, || drop(elsewhere));
    tracing::dispatcher::with_default(&Dispatch::none(), || drop(nowhere));
    let panicking = make("while panicking");
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _span = panicking;
        panic!("in the test");
    }));
    assert!(result.is_err());
    job.end();
    let sent = Recorded::of(&sink);
    let expected = ["job > thread", "job > elsewhere", "job > nowhere", "job > while panicking"];
    assert_eq!(sent.tree(), expected);
}
