//! Each span of `tracing` becomes one span of the trace, under the right parent, whatever the order of the calls.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::{Recorded, run, run_with, with_layer};
use trace_core::{SpanLink, SpanStatus, TraceContext, TraceExt};
use tracing::{Instrument, Span, debug_span, error, info_span};
use tracing_subscriber::prelude::*;

mod support;

#[test]
fn nested_spans_are_nested() {
    let sent = run(|| {
        let outer = info_span!("outer");
        let _outer = outer.enter();
        info_span!("inner").in_scope(|| info_span!("innermost").in_scope(|| {}));
        drop(info_span!("never entered"));
    });
    assert_eq!(sent.tree(), ["job > outer", "outer > inner", "inner > innermost", "outer > never entered"]);
}

#[test]
fn an_entered_span_is_current_for_spans_and_headers_of_our_own() {
    let sent = run(|| {
        let _outer = info_span!("outer").entered();
        let current = TraceContext::current().unwrap();
        current.start_span("http.client", "client").scope(|| {
            info_span!("below the client").in_scope(|| {});
        });
        let mut headers = std::collections::HashMap::<String, String>::new();
        current.inject(&mut headers);
        assert!(headers["sentry-trace"].contains(&current.span_id().to_string()));
    });
    assert_eq!(sent.tree(), ["job > outer", "outer > client", "client > below the client"]);
    assert_eq!(sent.span("outer").origin, "auto.function.tracing");
}

#[test]
fn an_explicit_parent_is_the_parent() {
    let layer = trace_tracing::layer().filter(|metadata| metadata.name() != "refused");
    let sent = run_with(layer, || {
        let (first, second) = (info_span!("first"), info_span!("second"));
        let _entered = second.enter();
        info_span!(parent: &first, "of first").in_scope(|| info_span!("below").in_scope(|| {}));
        let refused = info_span!(parent: &first, "refused");
        info_span!(parent: &refused, "of refused").in_scope(|| {});
        info_span!(parent: None, "of nothing").in_scope(|| {});
    });
    assert_eq!(
        sent.tree(),
        ["job > first", "job > second", "first > of first", "of first > below", "first > of refused"]
    );
}

#[test]
fn crossed_guards_leave_no_foreign_context() {
    let sent = run(|| {
        let (first, second) = (info_span!("first"), info_span!("second"));
        let (of_first, of_second) = (first.enter(), second.enter());
        drop(of_first);
        info_span!("in second").in_scope(|| {});
        drop(of_second);
        info_span!("in neither").in_scope(|| {});
        let (outer, inner) = (first.enter(), first.enter());
        second.in_scope(|| {});
        drop(outer);
        info_span!("in first").in_scope(|| {});
        drop(inner);
    });
    assert_eq!(
        sent.tree(),
        ["job > first", "job > second", "second > in second", "job > in neither", "first > in first"]
    );
}

#[test]
fn a_span_is_entered_on_several_threads() {
    let sent = run(|| {
        let shared = info_span!("shared");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let work = || {
                    for _ in 0..20 {
                        shared.in_scope(|| info_span!("child").in_scope(|| {}));
                    }
                };
                let dispatch = tracing::dispatcher::get_default(Clone::clone);
                scope.spawn(move || tracing::dispatcher::with_default(&dispatch, work));
            }
        });
    });
    assert_eq!(sent.spans.len(), 81);
    assert_eq!(sent.children("shared").len(), 80);
}

#[test]
fn a_guard_that_is_dropped_on_another_thread_leaves_nothing_current() {
    let sent = run(|| {
        // What a task does that holds a guard across an await and wakes up on another thread.
        let span = info_span!("moved");
        let id = span.id().unwrap();
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        dispatch.enter(&id);
        let other = dispatch.clone();
        std::thread::spawn(move || other.exit(&id)).join().unwrap();
        drop(span);
        info_span!("after").in_scope(|| {});
    });
    assert_eq!(sent.tree(), ["job > moved", "job > after"]);
}

#[test]
fn many_guards_that_never_come_back_are_forgotten() {
    let sent = run(|| {
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        for _ in 0..500 {
            let span = info_span!("lost guard");
            dispatch.enter(&span.id().unwrap());
        }
        info_span!("after").in_scope(|| {});
    });
    assert_eq!(sent.children("job").len(), 501);
}

#[test]
fn a_closed_parent_waits_for_its_children() {
    let sent = run(|| {
        let parent = info_span!("parent");
        let child = parent.in_scope(|| info_span!("child"));
        drop(parent);
        drop(child);
    });
    assert_eq!(sent.tree(), ["job > parent", "parent > child"]);
}

#[test]
fn a_span_that_is_never_closed_is_not_sent() {
    let sent = run(|| {
        let forgotten = info_span!("forgotten");
        forgotten.in_scope(|| info_span!("child").in_scope(|| {}));
        std::mem::forget(forgotten);
    });
    assert_eq!(sent.tree(), ["job > child"]);
}

#[test]
fn follows_from_is_a_link() {
    let sent = run(|| {
        let (first, second) = (info_span!("first"), info_span!("second"));
        second.follows_from(&first);
        second.follows_from(debug_span!("refused").id());
    });
    let (first, second) = (sent.span("first"), sent.span("second"));
    assert_eq!(second.links, [SpanLink::new(sent.trace_id, first.span_id, Some(true))]);
}

#[tracing::instrument(skip_all, fields(found = tracing::field::Empty, tags.plan = "gold"))]
async fn instrumented(id: u64) -> u64 {
    tokio::task::yield_now().await;
    Span::current().record("found", id * 2);
    id
}

#[tracing::instrument(err)]
async fn failing(id: &str) -> Result<u64, std::num::ParseIntError> {
    id.parse()
}

#[tokio::test]
async fn instrumented_functions_have_fields_and_errors() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let work = async {
        tokio::join!(instrumented(1), instrumented(2)).0;
        let _failed = failing("x").await;
        let _succeeded = failing("7").await;
        async { error!("not about the span") }.instrument(info_span!("logs")).await;
    };
    work.in_trace(&job).await;
    job.end();
    let sent = Recorded::of(&sink);
    assert_eq!(sent.children("job").len(), 5);
    for span in sent.spans.iter().filter(|span| span.description == "instrumented") {
        assert!(span.attribute("found").is_some());
        assert_eq!(span.tags, [("plan".into(), "gold".to_owned())]);
    }
    let statuses: Vec<_> = sent.spans.iter().filter(|span| span.description == "failing").collect();
    assert_eq!(
        statuses.iter().map(|span| (span.attribute("id").cloned(), span.status)).collect::<Vec<_>>(),
        [(Some("x".into()), Some(SpanStatus::InternalError)), (Some("7".into()), None)]
    );
    assert_eq!(sent.span("logs").status, None);
}

#[test]
fn a_panic_ends_a_span_as_an_internal_error() {
    let sent = run(|| {
        let panicked = std::panic::catch_unwind(|| info_span!("panics").in_scope(|| panic!("in the test")));
        assert!(panicked.is_err());
        info_span!("after").in_scope(|| {});
    });
    assert_eq!(sent.span("panics").status, Some(SpanStatus::InternalError));
    assert_eq!(sent.children("job").len(), 2);
}

#[test]
fn a_record_after_the_start_changes_the_span() {
    let sent = run(|| {
        let span = info_span!(
            "GET",
            otel.kind = "client",
            http.request.method = "GET",
            otel.name = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        span.record("otel.name", "GET shop.test").record("http.response.status_code", 503);
        span.record("otel.status_code", "ERROR");
    });
    let span = sent.span("GET shop.test");
    assert_eq!((&*span.operation, span.status), ("http.client", Some(SpanStatus::Unavailable)));
}

#[test]
fn nothing_is_started_without_a_recorded_context() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    info_span!("without a context").in_scope(|| assert!(TraceContext::current().is_none()));
    tracer.service_span("task", "unsampled").sampled(false).start().scope(|| {
        let span = info_span!("in an unsampled trace");
        let current = TraceContext::current().unwrap().span_id();
        span.in_scope(|| assert_eq!(TraceContext::current().unwrap().span_id(), current));
    });
    assert!(sink.take().is_empty());
}

#[tokio::test]
async fn a_spawned_task_has_the_context_only_if_it_is_given() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let work = async {
        let span = info_span!("outer");
        let with_span = tokio::spawn(instrumented(1).instrument(span.clone()));
        let with_context = tokio::spawn(instrumented(2).in_current_trace());
        let without = tokio::spawn(instrumented(3));
        for task in [with_span, with_context, without] {
            task.await.unwrap();
        }
    };
    work.in_trace(&job).await;
    job.end();
    let sent = Recorded::of(&sink);
    let expected = ["job > instrumented", "job > outer", "outer > instrumented"];
    let mut tree = sent.tree();
    tree.sort_unstable();
    assert_eq!(tree, expected);
}

#[tokio::test]
async fn a_cancelled_future_ends_its_span() {
    let (_default, tracer, sink) = with_layer(trace_tracing::layer());
    let job = tracer.service_span("task", "job").start();
    let work = async {
        let never = async {
            info_span!("before").in_scope(|| {});
            std::future::pending::<()>().await;
        };
        let soon = async { tokio::task::yield_now().await };
        tokio::select! {
            () = never.instrument(info_span!("cancelled")) => {}
            () = soon => {}
        }
        info_span!("after").in_scope(|| {});
    };
    work.in_trace(&job).await;
    job.end();
    let mut tree = Recorded::of(&sink).tree();
    tree.sort_unstable();
    assert_eq!(tree, ["cancelled > before", "job > after", "job > cancelled"]);
}

#[test]
fn two_dispatchers_do_not_mix() {
    let (default, tracer, sink) = with_layer(trace_tracing::layer());
    let other = tracing::Dispatch::new(tracing_subscriber::registry().with(trace_tracing::layer()));
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        info_span!("first").in_scope(|| {
            // The ids of the two registries are the same.
            tracing::dispatcher::with_default(&other, || {
                info_span!("of the other").in_scope(|| info_span!("below it").in_scope(|| {}));
            });
            info_span!("second").in_scope(|| {});
        });
    });
    job.end();
    drop(default);
    let sent = Recorded::of(&sink);
    assert_eq!(
        sent.tree(),
        ["job > first", "first > of the other", "of the other > below it", "first > second"]
    );
}

#[test]
fn ids_that_come_back_are_other_spans() {
    let sent = run(|| {
        // The generation of an id has 13 bits.
        for _ in 0..8200 {
            drop(info_span!("short"));
        }
    });
    assert_eq!(sent.spans.len(), 1000);
}
