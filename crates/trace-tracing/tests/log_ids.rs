//! The ids of the trace on lines of text and of JSON, and for other layers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![cfg(feature = "fmt")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use support::recorded;
use trace_tracing::{TracedSpan, WithTraceIds};
use tracing::span::{Attributes, Id};
use tracing::{info, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::format::{FmtSpan, Format, Json, JsonFields};
use tracing_subscriber::fmt::{self, FormatEvent, Layer};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

mod support;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn take(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn each_line_within_a_context_has_its_ids() {
    let (tracer, _sink) = recorded();
    let (text, json) = (Lines::default(), Lines::default());
    let (of_text, of_json) = (text.clone(), json.clone());
    let _default = tracing_subscriber::registry()
        .with(trace_tracing::layer())
        .with(
            fmt::layer()
                .with_ansi(false)
                .with_writer(move || of_text.clone())
                .map_event_format(WithTraceIds::text),
        )
        .with(
            fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(move || of_json.clone())
                .map_event_format(WithTraceIds::json),
        )
        .set_default();
    info!("outside");
    let job = tracer.service_span("task", "job").start();
    let trace_id = job.trace_id();
    job.scope(|| info!("in the job"));
    let span_id = job.scope(|| {
        info_span!("span").in_scope(|| {
            info!(trace_id = "mine", "{{in the span}}");
            trace_core::TraceContext::current().unwrap().span_id()
        })
    });
    tracer.service_span("task", "other").sampled(false).start().scope(|| info!("unsampled"));

    let lines = text.take();
    assert!(!lines[0].contains("trace_id"));
    assert!(lines[1].starts_with(&format!("trace_id={trace_id} span_id={} sampled=true ", job.span_id())));
    assert!(lines[2].starts_with(&format!("trace_id={trace_id} span_id={span_id} sampled=true ")));
    assert!(lines[2].ends_with("{in the span} trace_id=\"mine\""), "{}", lines[2]);
    assert!(lines[3].contains(" sampled=false "));
    let lines: Vec<serde_json::Value> =
        json.take().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0].get("trace_id"), None);
    assert_eq!(lines[1]["span_id"], job.span_id().to_string());
    assert_eq!(lines[2]["trace_id"], trace_id.to_string());
    assert_eq!((&lines[2]["span_id"], &lines[2]["sampled"]), (&span_id.to_string().into(), &true.into()));
    assert_eq!((&lines[2]["message"], &lines[3]["sampled"]), (&"{in the span}".into(), &false.into()));
}

/// Logs within a job by a format of JSON, and returns the lines as they are and the id of the trace.
fn json_lines<F>(
    format: impl FnOnce(Layer<Registry, JsonFields, Format<Json>>) -> Layer<Registry, JsonFields, F>,
    log: impl FnOnce(),
) -> (Vec<String>, String)
where
    F: FormatEvent<Registry, JsonFields> + Send + Sync + 'static,
{
    let (tracer, _sink) = recorded();
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = format(fmt::layer().json()).map_event_format(WithTraceIds::json);
    let layer = layer.with_writer(move || writer.clone());
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let job = tracer.service_span("task", "job").start();
    job.scope(log);
    (lines.take(), job.trace_id().to_string())
}

#[test]
fn whatever_is_logged_a_line_is_an_object_with_each_id_once() {
    let hostile = "}{\"trace_id\":\"x\",\\\\\n\u{0}\u{2028}😀}";
    let log = || {
        info_span!("span", note = hostile).in_scope(|| {
            info!("{hostile}");
            info!(trace_id = 1, span_id = "a,\"}", sampled = ?[Some("{")], rest = hostile, "mine");
            info!(rest = 1, trace_id = tracing::field::Empty);
            info!(trace_id = hostile);
        });
    };
    let table: [(&str, (Vec<String>, String)); 5] = [
        ("default", json_lines(|layer| layer, log)),
        ("flat", json_lines(|layer| layer.flatten_event(true), log)),
        ("flat, bare", json_lines(|layer| layer.flatten_event(true).with_target(false).without_time(), log)),
        ("no spans", json_lines(|layer| layer.with_current_span(false).with_span_list(false), log)),
        ("all", json_lines(|layer| layer.flatten_event(true).with_thread_ids(true).with_file(true), log)),
    ];
    for (name, (lines, trace_id)) in table {
        assert_eq!(lines.len(), 4, "{name}");
        for line in lines {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
            assert_eq!(
                (&object["trace_id"], &object["sampled"]),
                (&(*trace_id).into(), &true.into()),
                "{line}"
            );
            let flat = object.get("fields").is_none();
            let keys = ["\"trace_id\":", "\"span_id\":", "\"sampled\":"].map(|key| line.matches(key).count());
            assert!(!flat || keys == [1; 3], "{name}: {line}");
        }
    }
}

#[test]
fn an_explicit_parent_is_the_context_of_a_line_and_suppressed_work_has_none() {
    let (tracer, _sink) = recorded();
    let lines = Lines::default();
    let writer = lines.clone();
    let text = fmt::layer().with_ansi(false).compact().map_event_format(WithTraceIds::text);
    let _default = tracing_subscriber::registry()
        .with(trace_tracing::layer())
        .with(text.with_writer(move || writer.clone()))
        .set_default();
    let job = tracer.service_span("task", "job").start();
    let other = tracer.service_span("task", "other").start();
    let span = job.scope(|| info_span!("span"));
    other.scope(|| info!(parent: &span, "of the span"));
    other.scope(|| info!(parent: None, "of the context"));
    job.scope(|| trace_core::suppress_tracing(|| info!("suppressed")));
    trace_core::suppress_tracing(|| info!("suppressed outside"));
    let lines = lines.take().join("\n");
    let ids: Vec<_> =
        lines.match_indices("trace_id=").map(|(at, name)| &lines[at + name.len()..][..32]).collect();
    assert_eq!(ids, [job.trace_id().to_string(), other.trace_id().to_string()], "{lines}");
}

#[test]
fn the_lines_of_a_span_itself_have_its_ids() {
    let (tracer, _sink) = recorded();
    let (text, json) = (Lines::default(), Lines::default());
    let (of_text, of_json) = (text.clone(), json.clone());
    let of_text = fmt::layer().with_ansi(false).with_writer(move || of_text.clone());
    let of_json = fmt::layer().json().with_writer(move || of_json.clone());
    let _default = tracing_subscriber::registry()
        .with(trace_tracing::layer())
        .with(of_text.with_span_events(FmtSpan::FULL).map_event_format(WithTraceIds::text))
        .with(of_json.with_span_events(FmtSpan::FULL).map_event_format(WithTraceIds::json))
        .set_default();
    let job = tracer.service_span("task", "job").start();
    let span_id = job.scope(|| {
        info_span!("span").in_scope(|| trace_core::TraceContext::current().unwrap().span_id().to_string())
    });
    let (text, json) = (text.take(), json.take());
    for (place, name) in ["new", "enter", "exit", "close"].into_iter().enumerate() {
        assert!(text[place].contains(&format!("span_id={span_id} ")), "{name}: {}", text[place]);
        let json: serde_json::Value = serde_json::from_str(&json[place]).unwrap();
        assert_eq!((&json["fields"]["message"], &json["span_id"]), (&name.into(), &span_id.clone().into()));
    }
}

/// Another layer, which finds the span of the trace in the extensions.
#[derive(Clone, Default)]
struct Other(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Other {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let trace_id =
            span.extensions().get::<TracedSpan>().map(|traced| traced.context().trace_id().to_string());
        self.0.lock().unwrap().extend(trace_id);
    }
}

#[test]
fn other_layers_find_the_span_in_the_extensions() {
    let (tracer, _sink) = recorded();
    let other = Other::default();
    let _default =
        tracing_subscriber::registry().with(trace_tracing::layer()).with(other.clone()).set_default();
    info_span!("outside").in_scope(|| {});
    let job = tracer.service_span("task", "job").start();
    job.scope(|| info_span!("span").in_scope(|| {}));
    assert_eq!(*other.0.lock().unwrap(), [job.trace_id().to_string()]);
}
