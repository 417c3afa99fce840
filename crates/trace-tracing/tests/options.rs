//! The options of the layer: which spans are recorded, and which start a service span.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use support::{Recorded, recorded, run, run_with, with_layer};
use trace_core::{TraceContext, Tracer};
use tracing::{debug_span, info, info_span, trace_span};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

mod support;

#[test]
fn levels_and_targets_choose_the_spans() {
    let spans = || {
        trace_span!("trace").in_scope(|| {});
        debug_span!("debug").in_scope(|| {});
        info_span!("info").in_scope(|| {});
        info_span!(target: "h2::proto", "connection").in_scope(|| {});
        info_span!(target: "tower_http::trace::make_span", "request").in_scope(|| {});
    };
    let layer = trace_tracing::layer;
    let targets = Targets::new().with_target("h2", LevelFilter::DEBUG);
    let by_targets = targets.clone();
    let table = [
        (layer(), vec!["info"]),
        (layer().max_level(LevelFilter::DEBUG), vec!["debug", "info"]),
        (layer().max_level(LevelFilter::OFF), vec![]),
        (layer().filter(|metadata| metadata.name() == "request"), vec!["request"]),
        (
            layer().filter(move |metadata| by_targets.would_enable(metadata.target(), metadata.level())),
            vec!["connection"],
        ),
    ];
    for (layer, expected) in table {
        let sent = run_with(layer, spans);
        assert_eq!(sent.spans.iter().map(|span| &*span.description).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn what_another_layer_enables_is_not_looked_at() {
    for (level, expected) in [(LevelFilter::INFO, vec![]), (LevelFilter::DEBUG, vec!["SELECT a", "span"])] {
        let (tracer, sink) = recorded();
        let layer = trace_tracing::layer().max_level(level);
        let other = tracing_subscriber::layer::Identity::new();
        let _default = tracing_subscriber::registry().with(layer).with(other).set_default();
        let job = tracer.service_span("task", "job").start();
        job.scope(|| {
            tracing::debug!(target: "sqlx::query", summary = "SELECT a", elapsed_secs = 0.0);
            debug_span!("span").in_scope(|| {});
        });
        job.end();
        let spans = Recorded::of(&sink).spans;
        assert_eq!(spans.iter().map(|span| &*span.description).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_filter_of_the_subscriber_works_too() {
    let (tracer, sink) = recorded();
    let layer = trace_tracing::layer().with_filter(LevelFilter::WARN);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        info_span!("refused").in_scope(|| tracing::warn_span!("accepted").in_scope(|| {}));
    });
    job.end();
    assert_eq!(Recorded::of(&sink).tree(), ["job > accepted"]);
}

#[test]
fn the_layer_enables_no_level_that_it_does_not_look_at() {
    let _default = tracing_subscriber::registry().with(trace_tracing::layer()).set_default();
    assert!(!tracing::enabled!(tracing::Level::DEBUG));
    assert!(tracing::enabled!(tracing::Level::INFO));
}

#[test]
fn short_spans_are_folded() {
    let sent = run_with(trace_tracing::layer().fold_shorter_than(Duration::from_secs(60)), || {
        info_span!("parent").in_scope(|| {
            info_span!("short").in_scope(|| info_span!("shorter").in_scope(|| {}));
            TraceContext::current().unwrap().start_span("http.client", "client").end();
        });
    });
    assert_eq!(sent.tree(), ["job > parent", "parent > client"]);
    assert_eq!(sent.span("parent").attribute("folded_spans"), Some(&2.into()));
}

#[test]
fn a_service_span_has_so_many_spans_at_most() {
    let sent = run_with(trace_tracing::layer().max_spans(3), || {
        for _ in 0..10 {
            info_span!("span").in_scope(|| info!("still logged"));
        }
    });
    assert_eq!((sent.spans.len(), sent.root.attribute("refused_spans")), (3, Some(&7.into())));
}

#[test]
fn a_root_is_a_service_span_of_its_own() {
    let (tracer, sink) = recorded();
    let layer = trace_tracing::layer().root(tracer.clone(), |metadata| metadata.name() == "job");
    let _default = tracing_subscriber::registry().with(layer).set_default();
    info_span!("no job").in_scope(|| {
        info_span!("job", sentry.op = "queue.process", rows = 3).in_scope(|| {
            assert!(TraceContext::current().is_some());
            info_span!("step").in_scope(|| info_span!("job").in_scope(|| {}));
            info_span!(parent: None, "job").in_scope(|| {});
        });
    });
    let sent = sink.take();
    let names = |place: usize| {
        let spans = sent[place].spans.iter().map(|span| span.description.to_string());
        (sent[place].name.as_str().to_owned(), spans.collect::<Vec<_>>())
    };
    assert_eq!(names(0), ("job".to_owned(), vec![]), "the detached one");
    assert_eq!(names(1), ("job".to_owned(), vec!["job".to_owned(), "step".to_owned()]));
    assert_eq!((&*sent[1].root.operation, &*sent[1].root.origin), ("queue.process", "auto.queue.tracing"));
    assert_eq!(sent[1].root.attribute("rows"), Some(&3.into()));
    assert!(TraceContext::current().is_none());
}

#[test]
fn a_root_is_named_by_what_it_is_told_later() {
    let (tracer, sink) = recorded();
    let layer = trace_tracing::layer().root(tracer, |_| true);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let empty = tracing::field::Empty;
    let job = info_span!("job", otel.name = empty, sentry.op = empty, tags.queue = empty);
    job.record("otel.name", "report").record("sentry.op", "queue.process").record("tags.queue", 3);
    drop(job);
    let consumer = info_span!("consumer", messaging.destination.name = empty);
    consumer.record("messaging.destination.name", "orders");
    drop(consumer);
    let sent = sink.take();
    let found = sent.iter().map(|sent| (sent.name.as_str(), &*sent.root.operation)).collect::<Vec<_>>();
    assert_eq!(found, [("report", "queue.process"), ("orders", "queue.process")]);
    assert_eq!(sent[0].root.tags, [("queue".into(), "3".to_owned())]);
}

#[test]
fn a_root_continues_the_trace_of_its_fields() {
    let trace_id = "771a43a4192642f0b136d5159a501700";
    let header = |sampled: &str| format!("{trace_id}-b72fa28504b07285{sampled}");
    // The field, whether the trace is continued, and whether it is recorded.
    let table = [
        (header("-1"), true, true),
        (header(""), true, true),
        (header("-0"), true, false),
        ("garbage".to_owned(), false, true),
        (String::new(), false, true),
    ];
    for (header, is_continued, is_recorded) in table {
        let (tracer, sink) = recorded();
        let layer = trace_tracing::layer().root(tracer, |_| true);
        let _default = tracing_subscriber::registry().with(layer).set_default();
        let baggage = format!("sentry-trace_id={trace_id},sentry-environment=theirs");
        info_span!("job", sentry.trace = header, sentry.baggage = baggage).in_scope(|| {
            let context = TraceContext::current().unwrap();
            assert_eq!(context.trace_id().to_string() == trace_id, is_continued, "{header}");
            let mut sent_on = std::collections::HashMap::<String, String>::new();
            context.inject(&mut sent_on);
            assert_eq!(sent_on["baggage"].contains("theirs"), is_continued, "{header}");
            // Within a trace the fields mean nothing.
            info_span!("step", sentry.trace = header).in_scope(|| {
                assert_eq!(TraceContext::current().unwrap().trace_id(), context.trace_id());
            });
        });
        assert_eq!(sink.take().len(), usize::from(is_recorded), "{header}");
    }
}

#[test]
fn an_unsampled_root_is_current_and_sends_its_decision_on() {
    let tracer = Tracer::builder().traces_sample_rate(0.0).build().unwrap();
    let layer = trace_tracing::layer().root(tracer, |_| true);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    info_span!("job").in_scope(|| {
        let outer = TraceContext::current().unwrap();
        assert!(outer.sentry_trace().to_string().ends_with("-0"));
        info_span!("step").in_scope(|| {
            assert_eq!(TraceContext::current().unwrap().span_id(), outer.span_id());
        });
    });
    assert!(TraceContext::current().is_none());
}

#[test]
fn a_hook_that_makes_spans_at_the_end_of_a_root_makes_none() {
    let sink = trace_core::InMemorySink::default();
    let hook = |transaction| {
        info_span!("in the hook").in_scope(|| {});
        Some(transaction)
    };
    let tracer = Tracer::builder().traces_sample_rate(1.0).before_send_transaction(hook).sink(sink.clone());
    let layer = trace_tracing::layer().root(tracer.build().unwrap(), |_| true);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    info_span!("job").in_scope(|| {});
    assert_eq!(sink.take().len(), 1);
}

#[test]
fn one_exchange_that_two_layers_describe_is_one_span() {
    let sent = run(|| {
        let current = TraceContext::current().unwrap();
        current.in_child_span("http.client", "GET http://a.test/", |_| {
            info_span!("HTTP request", otel.kind = "client", http.request.method = "GET").in_scope(|| {
                info_span!("dns").in_scope(|| {});
            });
        });
        let client =
            info_span!("HTTP request", otel.kind = "client", otel.name = "GET", http.request.method = "GET");
        client.in_scope(|| {});
    });
    assert_eq!(sent.tree(), ["job > GET http://a.test/", "GET http://a.test/ > dns", "job > GET"]);
    let (default, tracer, sink) = with_layer(trace_tracing::layer());
    tracer.service_span("http.server", "GET /").start().scope(|| {
        info_span!("HTTP request", otel.kind = "Server", http.request.method = "GET").in_scope(|| {});
    });
    drop(default);
    assert!(sink.take()[0].spans.is_empty());
}
