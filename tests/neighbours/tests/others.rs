//! The layer beside `tower-http` and `tracing-log`.

use http::{Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_http::trace::TraceLayer;
use trace_core::{InMemorySink, TraceContext, Tracer};
use trace_server::{MakeTraceSpan, TraceServerLayer};
use tracing::Level;
use tracing_subscriber::prelude::*;

fn recorded() -> (Tracer, InMemorySink) {
    let sink = InMemorySink::default();
    (Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap(), sink)
}

#[tokio::test]
async fn the_request_of_trace_layer_is_no_second_span() {
    let layer = trace_tracing::layer().max_level(Level::DEBUG);
    let _default = tracing_subscriber::registry().with(layer).set_default();
    let (tracer, sink) = recorded();
    let handler = service_fn(async |_: Request<String>| {
        tracing::info_span!("handler").in_scope(|| {});
        Ok::<_, std::convert::Infallible>(
            Response::builder().status(StatusCode::OK).body(String::new()).unwrap(),
        )
    });
    let service = ServiceBuilder::new()
        .layer(TraceServerLayer::new(tracer))
        .layer(TraceLayer::new_for_http())
        .layer(TraceLayer::new_for_http().make_span_with(MakeTraceSpan::new()))
        .service(handler);
    drop(service.oneshot(Request::new(String::new())).await.unwrap());
    let sent = sink.take().remove(0);
    let spans: Vec<_> = sent.spans.iter().map(|span| (&*span.description, span.parent_span_id)).collect();
    assert_eq!(spans, [("handler", Some(sent.root.span_id))]);
    assert!(sink.take_losses().is_empty(), "a span of theirs would last longer than ours");
}

#[test]
fn a_record_of_log_from_a_thread_without_a_runtime_is_an_event_like_others() {
    tracing_subscriber::registry()
        .with(trace_tracing::layer().sentry(trace_tracing::SentryEvents::default()))
        .init();
    let (tracer, sink) = recorded();
    tracing_log::LogTracer::init().unwrap_or_default();
    let job = tracer.service_span("task", "job").start();
    job.scope(|| {
        let context = TraceContext::current().unwrap();
        let log = move || {
            log::error!("without a context");
            context.scope(|| log::error!("within one"));
        };
        std::thread::spawn(log).join().unwrap();
    });
    job.end();
    assert!(sink.take()[0].spans.is_empty());
}
