//! Spans that applications make: by closure, round futures and services, with links.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::task::Poll;

use end_to_end::{current_trace, recording};
use futures_util::FutureExt;
use http::{Request, Response};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use trace_core::{FinishedTransaction, Span, SpanStatus, TraceContext, TraceExt, Tracer, TransactionName};
use trace_server::{SpanLayer, TraceServerLayer};

fn job(tracer: &Tracer) -> Span {
    tracer.service_span("task", TransactionName::task("job")).start()
}

/// Description, parent's description and status of each span, in the order in which they started.
fn tree(transaction: &FinishedTransaction) -> Vec<(&str, &str, &str)> {
    let name_of = |id| {
        let span = transaction.spans.iter().find(|span| Some(span.span_id) == id);
        span.map_or("root", |span| &*span.description)
    };
    let status = |status: Option<SpanStatus>| status.map_or("", SpanStatus::as_str);
    let row = |span: &trace_core::FinishedSpan| {
        (name_of(Some(span.span_id)), name_of(span.parent_span_id), span.status)
    };
    transaction.spans.iter().map(row).map(|(name, parent, ended)| (name, parent, status(ended))).collect()
}

#[tokio::test]
async fn a_service_with_span_layers_is_a_tree_of_spans() {
    let (tracer, mut transactions) = recording();
    let service = ServiceBuilder::new()
        .layer(TraceServerLayer::new(tracer))
        .layer(SpanLayer::middleware("authentication"))
        .layer(SpanLayer::new("function", "handler"))
        .service(service_fn(|_: Request<()>| async {
            let context = TraceContext::current().expect("a current context");
            context.in_child_span("function", "closure", |span| {
                assert_eq!(TraceContext::current().expect("the span's").span_id(), span.span_id());
            });
            tokio::task::yield_now().await;
            tokio::task::yield_now().in_span(context.start_span("function", "future")).await;
            let inner = async { TraceContext::current().map(|context| context.span_id()) };
            assert_ne!(inner.in_new_span("function", "new").await, Some(context.span_id()));
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
    service.oneshot(Request::new(())).await.expect("infallible");

    let transaction = transactions.only();
    let expected = [
        ("closure", "handler", ""),
        ("future", "handler", ""),
        ("new", "handler", ""),
        ("handler", "authentication", ""),
        ("authentication", "root", ""),
    ];
    assert_eq!(tree(&transaction), expected);
    assert_eq!(transaction.spans[4].operation, "middleware.handle");
}

#[tokio::test]
async fn where_nothing_is_recorded_a_span_layer_leaves_the_context_alone() {
    let tracer = Tracer::builder().build().expect("valid options");
    let service = SpanLayer::middleware("authentication")
        .layer(service_fn(|()| async { Ok::<_, Infallible>(current_trace()) }));
    let context = tracer.start_new_trace();
    let expected = context.trace_id().to_string();
    assert_eq!(service.oneshot(()).in_trace(context).await, Ok(expected));
}

#[test]
fn a_new_span_is_nothing_where_nothing_is_recorded() {
    let look = || async { TraceContext::current().map(|context| context.span_id()) };
    assert_eq!(look().in_new_span("function", "none").now_or_never(), Some(None));

    let context = Tracer::builder().build().expect("valid options").start_new_trace();
    let seen = context.scope(|| look().in_new_span("function", "unrecorded").now_or_never());
    assert_eq!(seen, Some(Some(context.span_id())));
}

#[test]
fn a_future_that_is_dropped_gives_its_span_up() {
    let (tracer, mut transactions) = recording();
    let root = job(&tracer);
    let mut polled = Box::pin(pending::<()>().in_span(root.start_span("function", "polled")));
    assert_eq!(polled.as_mut().now_or_never(), None);
    drop(polled);
    drop(pending::<()>().in_span(root.start_span("function", "never polled")));
    let failing = poll_fn(|_| -> Poll<()> { panic!("on purpose") });
    let failing = failing.in_span(root.start_span("function", "panicking"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| failing.now_or_never()));
    assert!(caught.is_err());
    assert!(TraceContext::current().is_none());
    let caught_first = poll_fn(|_| -> Poll<()> { panic!("on purpose") });
    let mut caught_first =
        Box::pin(caught_first.in_span(root.start_span("function", "dropped after the catch")));
    let poll = || caught_first.as_mut().now_or_never();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)).is_err());
    drop(caught_first);
    root.end();

    let expected = [
        ("polled", "root", "cancelled"),
        ("never polled", "root", "cancelled"),
        ("panicking", "root", "internal_error"),
        ("dropped after the catch", "root", "internal_error"),
    ];
    assert_eq!(tree(&transactions.only()), expected);
}

#[test]
fn a_batch_is_linked_to_its_messages() {
    let (tracer, mut transactions) = recording();
    let message = tracer.start_new_trace();
    let batch = job(&tracer);
    batch.context().add_link(message.link().with_attribute("sentry.link.type", "previous_trace"));
    batch.end();
    let links = transactions.only().root.links;
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].trace_id, links[0].span_id), (message.trace_id(), message.span_id()));
    assert_eq!(links[0].attributes[0].0, "sentry.link.type");
}
