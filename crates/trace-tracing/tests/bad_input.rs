//! Whatever a program does with its spans, no request is lost, and nothing panics or waits for ever.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt;
use std::sync::Arc;

use support::{Recorded, recorded, run, run_with, with_layer};
use trace_core::TraceContext;
use tracing::{Level, info, info_span};
use tracing_subscriber::prelude::*;
use tracing_subscriber::reload;

mod support;

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Debug")
    }
}

/// A value that logs and makes spans while it is formatted.
struct Logs;

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info_span!("while formatting").in_scope(|| info!("formats"));
        f.write_str("logs")
    }
}

/// A value that writes a megabyte and never looks whether it was taken.
struct Huge;

impl fmt::Debug for Huge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for _ in 0..100_000 {
            let _ignored = f.write_str("0123456789ß");
        }
        Ok(())
    }
}

#[test]
fn a_megabyte_is_cut() {
    let text = "ß".repeat(500_000);
    let sent = run(|| {
        info_span!("span", text = &*text, debug = ?Huge, display = %text, later = tracing::field::Empty)
            .record("later", &*text);
    });
    for name in ["text", "debug", "display", "later"] {
        let length = sent.span("span").attribute(name).unwrap().as_str().unwrap().len();
        assert!((8000..=8192).contains(&length), "{name}: {length}");
    }
}

#[test]
fn a_value_that_panics_is_left_out_and_counted() {
    let layer = trace_tracing::layer();
    let panics = layer.caught_panics();
    let sent = run_with(layer, || {
        let span = info_span!("span", first = 1, bad = ?Panics, last = 2, later = tracing::field::Empty);
        span.record("later", tracing::field::debug(Panics));
        span.in_scope(|| info_span!("child").in_scope(|| {}));
    });
    assert_eq!(sent.tree(), ["job > span", "span > child"]);
    let span = sent.span("span");
    assert_eq!((span.attribute("first"), span.attribute("last")), (Some(&1.into()), Some(&2.into())));
    assert_eq!((span.attribute("bad"), span.attribute("later"), panics.count()), (None, None, 2));
}

#[test]
fn a_value_that_logs_while_it_is_formatted_does_not_deadlock() {
    let sent = run(|| {
        // `tracing` would never ask the subscriber for a callsite that it first met while a span was made.
        let _text = format!("{Logs:?}");
        let span = info_span!("span", value = ?Logs, later = tracing::field::Empty);
        let _entered = span.enter();
        span.record("later", tracing::field::debug(Logs));
        info_span!("child", value = ?Logs).in_scope(|| {});
    });
    assert_eq!(sent.span("span").attribute("later"), Some(&"logs".into()));
    assert_eq!(sent.span("child").attribute("value"), Some(&"logs".into()));
    // While a span is made, `tracing` has no subscriber for another one if the subscriber is that of a thread.
    assert_eq!(sent.children("span").len(), 2, "what `record` made while formatting, and the child");
}

#[test]
fn a_filter_that_panics_refuses() {
    let layer = trace_tracing::layer().filter(|_| panic!("in the filter"));
    let panics = layer.caught_panics();
    let sent = run_with(layer, || info_span!("span").in_scope(|| {}));
    assert_eq!((sent.spans.len(), panics.count()), (0, 1));
}

#[test]
fn a_sampler_that_panics_reaches_nobody() {
    let tracer = trace_core::Tracer::builder().traces_sampler(|_| panic!("in the sampler")).build().unwrap();
    let layer = trace_tracing::layer().root(tracer, |_| true);
    let panics = layer.caught_panics();
    let _default = tracing_subscriber::registry().with(layer).set_default();
    info_span!("job").in_scope(|| assert!(TraceContext::current().is_none()));
    assert_eq!(panics.count(), 1);
}

#[test]
fn fields_named_like_ours_do_not_replace_ours() {
    let sent = run_with(trace_tracing::layer().with_places(), || {
        let span = info_span!(
            "span",
            sentry.origin = "mine",
            sentry.trace = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1",
            code.line.number = -1,
            folded_spans = 99,
            trace_id = "mine",
            log.file = "mine",
        );
        span.record("sentry.origin", "mine again");
    });
    let span = sent.span("span");
    assert_eq!(span.origin, "auto.function.tracing");
    for name in ["sentry.origin", "sentry.trace", "folded_spans", "log.file"] {
        assert_eq!(span.attribute(name), None, "{name}");
    }
    assert!(matches!(span.attribute("code.line.number"), Some(trace_core::AttributeValue::Integer(1..))));
    assert_eq!(span.attribute("code.module.name"), Some(&"bad_input".into()));
}

#[test]
fn more_fields_than_a_span_keeps_are_counted() {
    let sent = run(|| {
        // The most fields that `tracing` takes is 32 a span, which is below our limit; recording goes on without end.
        let span = info_span!("span", n = 0);
        for number in 0..10_000 {
            span.record("n", number);
        }
    });
    assert_eq!(sent.span("span").attribute("n"), Some(&9999.into()));
}

#[test]
fn a_layer_that_is_installed_twice_records_once() {
    let (tracer, sink) = recorded();
    let _default = tracing_subscriber::registry()
        .with(trace_tracing::layer())
        .with(trace_tracing::layer())
        .set_default();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        info_span!("outer", a = tracing::field::Empty).in_scope(|| {
            tracing::Span::current().record("a", 1);
            info_span!("inner").in_scope(|| {});
        });
        info!(target: "sqlx::query", summary = "SELECT a", elapsed_secs = 0.0);
    });
    job.end();
    assert_eq!(Recorded::of(&sink).tree(), ["job > outer", "outer > inner", "job > SELECT a"]);
}

#[test]
fn a_layer_that_is_replaced_at_run_time_leaves_its_spans_to_the_new_one() {
    let (tracer, sink) = recorded();
    let (layer, handle) = reload::Layer::new(trace_tracing::layer());
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        let span = info_span!("made before");
        let entered_before = info_span!("entered before").entered();
        handle.reload(trace_tracing::layer()).unwrap();
        drop(entered_before);
        span.in_scope(|| info_span!("below").in_scope(|| {}));
        info_span!("made after").in_scope(|| {});
    });
    job.end();
    assert_eq!(
        Recorded::of(&sink).tree(),
        ["job > made before", "job > entered before", "made before > below", "job > made after"]
    );
}

#[test]
fn a_subscriber_that_is_swapped_keeps_its_own_spans() {
    let (tracer, sink) = recorded();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        let first = tracing_subscriber::registry().with(trace_tracing::layer()).set_default();
        let span = info_span!("of the first");
        let entered = span.clone().entered();
        let second = tracing_subscriber::registry().with(trace_tracing::layer()).set_default();
        info_span!("of the second").in_scope(|| {});
        drop(entered);
        drop(span);
        drop(second);
        drop(first);
        info_span!("of nobody").in_scope(|| {});
    });
    job.end();
    assert_eq!(Recorded::of(&sink).tree(), ["job > of the first", "of the first > of the second"]);
}

#[test]
fn what_a_dead_subscriber_left_open_is_not_entered_by_the_next_one() {
    let (tracer, _sink) = recorded();
    let (job, unsampled) = (
        tracer.service_span("task", "job").start(),
        tracer.service_span("task", "job").sampled(false).start(),
    );
    let subscriber = || tracing_subscriber::registry().with(trace_tracing::layer()).set_default();
    for _ in 0..10 {
        let first = subscriber();
        let open = job.scope(|| info_span!("never closed"));
        // One reference too many keeps the span open, and unlike a forgotten span not its subscriber.
        tracing::dispatcher::get_default(|dispatch| dispatch.clone_span(&open.id().unwrap()));
        drop((open, first));
        // The id of its first span is the same, and perhaps its address.
        let _second = subscriber();
        let span = unsampled.scope(|| info_span!("not recorded"));
        unsampled.scope(|| {
            span.in_scope(|| assert_eq!(TraceContext::current().unwrap().trace_id(), unsampled.trace_id()));
        });
    }
}

#[test]
fn exits_and_closes_of_strangers_are_ignored() {
    let sent = run(|| {
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let (span, other) = (info_span!("span"), info_span!("other"));
        let (id, of_other) = (span.id().unwrap(), other.id().unwrap());
        let _entered = span.enter();
        // Exits without an entry, also twice.
        dispatch.exit(&of_other);
        dispatch.exit(&of_other);
        assert_eq!(TraceContext::current().unwrap().span_id().to_string().len(), 16);
        info_span!("child").in_scope(|| {});
        dispatch.exit(&id);
        dispatch.exit(&id);
        info_span!("after").in_scope(|| {});
    });
    assert_eq!(sent.children("span").len(), 1);
    assert_eq!(sent.children("job").len(), 3);
}

#[test]
fn a_span_that_outlives_its_job_is_dropped_and_counted() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let late = job.scope(|| info_span!("late"));
    job.end();
    late.in_scope(|| info_span!("below").in_scope(|| {}));
    drop(late);
    assert!(sink.take()[0].spans.is_empty());
    assert_eq!(sink.take_losses().iter().map(|loss| loss.spans).sum::<usize>(), 2);
}

#[test]
fn a_record_of_the_crate_log_from_any_thread_is_no_harm() {
    let (tracer, sink) = recorded();
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(trace_tracing::layer()));
    let job = Arc::new(tracer.service_span("task", "job").start());
    let of_thread = Arc::clone(&job);
    // `tracing-log` makes such an event of a record.
    let log = move || {
        tracing::event!(target: "log", Level::ERROR, log.target = "redis", log.line = 7, message = "gone");
    };
    std::thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || {
            log();
            of_thread.scope(|| info_span!("span").in_scope(log));
        });
    })
    .join()
    .unwrap();
    Arc::into_inner(job).unwrap().end();
    let sent = Recorded::of(&sink);
    assert_eq!((sent.tree(), sent.span("span").status), (vec!["job > span".to_owned()], None));
}
