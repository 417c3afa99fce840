//! Every door of the core with tracing, and in builds without it (`--features off`): nothing is written, read or recorded
//! anywhere without tracing.

use std::collections::HashMap;
use std::process::Command;

use trace_core::{
    IS_OFF, InMemorySink, QueueMessage, RequestHead, ServedRequest, TraceContext, TraceExt, Tracer,
    TransactionName,
};

#[test]
fn everything_leaves_and_is_recorded_unless_tracing_is_off() {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let (mut headers, mut metadata) = (http::HeaderMap::new(), HashMap::<String, String>::new());
    let mut command = Command::new("true");
    job.scope(|| {
        tracer.map_parent(|parent| parent.inject(&mut headers));
        QueueMessage::new("kafka", "orders").publish(&tracer, &mut metadata).end();
        tracer.start_subprocess_span(&mut command).end();
        drop(std::future::ready(()).in_new_span("function", "work"));
        assert_eq!(trace_core::trace_data().is_some_and(|data| data.iter().count() > 0), !IS_OFF);
    });
    QueueMessage::new("kafka", "orders").process(&tracer, &metadata).end();
    let request = http::Request::new(());
    let describe = || Some(ServedRequest::new("http.server", || TransactionName::route("GET /")));
    drop(tracer.serve(RequestHead::from(&request), describe));
    job.end();

    let left =
        [!headers.is_empty(), !metadata.is_empty(), command.get_envs().any(|(_, value)| value.is_some())];
    assert_eq!(left, [!IS_OFF; 3]);
    assert_eq!(sink.take().len(), if IS_OFF { 0 } else { 3 });
    assert!(TraceContext::current().is_none());
}
