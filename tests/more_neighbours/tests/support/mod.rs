//! What the tests share: a server that draws what was recorded of its work.

#![allow(dead_code, reason = "each test uses a part")]

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Once;

use http::{Request, Response};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use trace_core::{FinishedSpan, FinishedTransaction, InMemorySink, SpanId, Tracer};
use trace_server::TraceServerLayer;
use tracing::Level;
use tracing_subscriber::prelude::*;

pub(crate) mod orders;

/// Installs the layer in the process, since libraries work on threads of their own. The first level counts.
pub(crate) fn subscribe(level: Level) {
    static SUBSCRIBER: Once = Once::new();
    let layer = || trace_tracing::layer().max_level(level);
    SUBSCRIBER.call_once(|| tracing_subscriber::registry().with(layer()).init());
}

/// Does work in a request that is recorded, and draws its spans.
pub(crate) async fn drawn(work: impl AsyncFn()) -> String {
    draw(&recorded(1.0, work).await.remove(0))
}

/// Does work in a request that is sampled at a rate, and returns what was recorded.
pub(crate) async fn recorded(rate: f64, work: impl AsyncFn()) -> Vec<FinishedTransaction> {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(rate).sink(sink.clone()).build().unwrap();
    let handler = service_fn(async |_: Request<String>| {
        work().await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = ServiceBuilder::new().layer(TraceServerLayer::new(tracer)).service(handler);
    drop(service.oneshot(Request::new(String::new())).await.unwrap());
    sink.take()
}

/// Draws the spans below the request in the order of time, each on a line of its own, indented below its parent.
pub(crate) fn draw(sent: &FinishedTransaction) -> String {
    let mut drawing = String::from("\n");
    draw_children(&mut drawing, sent, sent.root.span_id, 0);
    assert_eq!(drawing.lines().count(), 1 + sent.spans.len(), "{sent:#?}");
    assert!(!format!("{sent:?}").contains("s3cret"), "no value is recorded: {sent:#?}");
    drawing
}

fn draw_children(drawing: &mut String, sent: &FinishedTransaction, parent: SpanId, depth: usize) {
    let mut children: Vec<_> = sent.spans.iter().filter(|span| span.parent_span_id == Some(parent)).collect();
    children.sort_by_key(|span| span.start);
    for span in children {
        writeln!(drawing, "{:1$}{2}", "", 2 * depth, line(span)).unwrap();
        draw_children(drawing, sent, span.span_id, depth + 1);
    }
}

/// Returns a line such as `db.query INSERT sqlite, 1 affected, ok: INSERT INTO …`.
fn line(span: &FinishedSpan) -> String {
    let text = |name| span.attribute(name).and_then(|value| value.as_str());
    let mut line = span.operation.to_string();
    if let Some(system) = text("db.system.name") {
        write!(line, " {} {system}", text("db.operation.name").unwrap_or("?")).unwrap();
        assert_eq!(text("db.query.text").unwrap_or(&span.description), span.description);
    }
    for (word, name) in [("affected", "db.response.affected_rows"), ("returned", "db.response.returned_rows")]
    {
        if let Some(rows) = span.attribute(name) {
            write!(line, ", {rows} {word}").unwrap();
        }
    }
    if let Some(status) = span.status {
        write!(line, ", {status}").unwrap();
    }
    if let Some(message) = text("exception.message") {
        write!(line, " ({message})").unwrap();
    }
    format!("{line}: {}", span.description)
}
