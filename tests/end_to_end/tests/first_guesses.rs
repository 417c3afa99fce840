//! The code that people write first, before they have read anything, compiles and does what it says.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

// Everything at once must not hide the crate `http`.
use trace_core::wire::SentryTrace;
use trace_core::*;

fn recording() -> (Tracer, InMemorySink) {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().expect("valid options");
    (tracer, sink)
}

#[test]
fn the_crate_http_stays_in_reach() {
    assert_eq!(http::StatusCode::OK, 200);
}

#[test]
fn a_job_is_one_line_and_a_span_is_another() {
    let (tracer, sink) = recording();
    let job = tracer.service_span("task", "job").attribute("rows", 3).start();
    let sum = job.scope(|| {
        let context = TraceContext::current().expect("that of the job");
        context.span("db.query", "SELECT 1").attribute("db.system.name", "sqlite").start().end();
        1 + 1
    });
    job.end();
    let sent = sink.take();
    assert_eq!((sum, sent[0].root.attribute("rows")), (2, Some(&3.into())));
    assert_eq!(sent[0].spans[0].attribute("db.system.name"), Some(&"sqlite".into()));
}

#[test]
fn a_name_and_an_operation_may_be_owned_or_not() {
    let (tracer, sink) = recording();
    tracer.service_span("task", "borrowed").start().end();
    tracer.service_span(String::from("task"), String::from("owned")).start().end();
    tracer.service_span("task", TransactionName::route("GET /orders/{id}")).start().end();
    let names: Vec<_> = sink.take().iter().map(|sent| sent.name.as_str().to_owned()).collect();
    assert_eq!(names, ["borrowed", "owned", "GET /orders/{id}"]);
}

#[test]
fn attributes_are_of_any_usual_type() {
    let (tracer, sink) = recording();
    let job = tracer.service_span("task", "job").start();
    let values: [AttributeValue; 8] = [
        1_usize.into(),
        2_u64.into(),
        3_i32.into(),
        4.5.into(),
        true.into(),
        "text".into(),
        String::from("owned").into(),
        7_u8.into(),
    ];
    for (number, value) in values.into_iter().enumerate() {
        job.set_attribute(format!("value {number}"), value);
    }
    let borrowed = String::from("not static");
    job.set_attribute("borrowed", borrowed.as_str());
    job.end();
    assert_eq!(sink.take()[0].root.attributes.len(), 9);
}

#[test]
fn a_sink_may_be_shared_boxed_or_absent() {
    let sink = InMemorySink::default();
    let shared: Arc<dyn SpanSink> = Arc::new(sink.clone());
    let boxed: Box<dyn SpanSink> = Box::new(sink.clone());
    for builder in [
        Tracer::builder().sink(shared),
        Tracer::builder().sink(boxed),
        Tracer::builder().sink(Some(sink.clone())),
        Tracer::builder().sink(None::<InMemorySink>),
    ] {
        let tracer = builder.traces_sample_rate(1.0).build().expect("valid options");
        tracer.service_span("task", "job").start().end();
    }
    assert_eq!(sink.take().len(), 3);
}

/// A decorator that knows nothing of what the sink requires.
struct Counted<S>(S);

impl<S: SpanSink> SpanSink for Counted<S> {
    fn receive(&self, record: Record) {
        self.0.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.0.requirements()
    }
}

#[test]
fn a_decorator_of_two_lines_loses_nothing() {
    let sink = InMemorySink::streaming();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(Counted(sink.clone())).build();
    let tracer = tracer.expect("valid options");
    tracer.service_span("task", "job").start().end();
    tracer.service_span("task", "unsampled").sampled(false).start().end();
    assert_eq!((sink.take_spans().len(), sink.take_losses().len()), (1, 1));
}

#[test]
fn a_sink_can_be_tested_without_a_tracer() {
    let root = FinishedSpan::started(SpanId::random(), None, "task", SystemTime::now());
    let mut transaction = FinishedTransaction::new(TraceId::random(), "report".into(), root);
    transaction.measurements.push(Measurement::new("rows", 3.0, "none"));
    let sink = InMemorySink::default();
    sink.receive(Record::Transaction(Box::new(transaction)));
    sink.receive(Record::Lost(Loss::of_transaction(DropReason::BeforeSend, 2)));
    let sent = sink.take();
    assert!(sent[0].dynamic_sampling_context().get("trace_id").is_some());
    assert_eq!(sink.take_losses()[0].spans, 3);
}

#[test]
fn a_span_is_linked_by_the_ids_of_a_header() {
    let (tracer, sink) = recording();
    let header = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1".parse::<SentryTrace>().expect("valid");
    tracer.service_span("task", "batch").link(header.into()).start().end();
    assert_eq!(sink.take()[0].root.links[0].trace_id, header.trace_id);
}

#[test]
fn a_dsn_is_text_or_parsed() {
    let text = "https://key@o1.ingest.sentry.io/42";
    let parsed: Dsn = text.parse().expect("valid");
    for builder in [Tracer::builder().dsn(text), Tracer::builder().dsn(parsed)] {
        assert!(builder.build().expect("valid options").dsn().is_some());
    }
}

#[tokio::test]
async fn a_future_is_put_in_a_span_or_in_the_background() {
    let (tracer, sink) = recording();
    let job = tracer.service_span("task", "job").start();
    async {}.in_trace(&job).await;
    async {}.in_trace(job.context()).await;
    async {}.in_span(job.start_span("function", "given")).await;
    async {}.in_new_span("function", "no trace is current").await;
    let background = async { async {}.in_new_span("function", "late").await };
    let background = job.scope(|| background.in_background());
    job.end();
    assert!(sink.take().is_empty(), "it waits for the work in the background");
    tokio::spawn(background).await.expect("it ends");
    let sent = sink.take().remove(0);
    let spans: Vec<_> = sent.spans.iter().map(|span| &*span.description).collect();
    assert_eq!(spans, ["given", "late"]);
}

#[test]
fn what_is_over_is_recorded_afterwards() {
    let (tracer, sink) = recording();
    let now = SystemTime::now();
    let (start, end) = (now - Duration::from_secs(5), now - Duration::from_secs(2));
    tracer.service_span("queue.process", "mail").record(start, end);
    let job = tracer.service_span("task", "job").started_at(start).start();
    job.context().span("db.query", "SELECT 1").record(start, end);
    job.end_at(end);
    let sent = sink.take();
    for span in [&sent[0].root, &sent[1].root, &sent[1].spans[0]] {
        assert_eq!((span.start, span.duration), (start, Duration::from_secs(3)));
    }
}

#[test]
fn a_sampler_sees_the_request_and_the_attributes_of_the_start() {
    let tracer = Tracer::builder().traces_sampler(|span| {
        let is_health = span.request().is_some_and(|request| request.uri().path() == "/health");
        let is_big = span.attribute("rows").is_some_and(|rows| *rows == 1000.into());
        Some(if is_health || is_big { 0.0 } else { 1.0 })
    });
    let tracer = tracer.build().expect("valid options");
    let serve = |path: &str| {
        let request = http::Request::get(path).body(()).expect("a request");
        let describe = || Some(ServedRequest::new("http.server", || TransactionName::url("GET")));
        let activity = tracer.serve(RequestHead::from(&request), describe).expect("the outer one");
        activity.context().and_then(TraceContext::sampled)
    };
    assert_eq!([serve("/health"), serve("/orders")], [Some(false), Some(true)]);
    for (rows, sampled) in [(1000, false), (3, true)] {
        let job = tracer.service_span("task", "job").attribute("rows", rows).start();
        assert_eq!(job.context().sampled(), Some(sampled), "{rows}");
    }
}

#[test]
fn tracing_can_be_switched_off_by_a_value() {
    for tracer in [Tracer::noop(), Tracer::builder().enabled(false).build().expect("valid options")] {
        let mut headers = http::HeaderMap::new();
        tracer.start_new_trace().inject(&mut headers);
        assert!(headers.is_empty());
    }
    assert!(suppress_tracing(|| TraceContext::current().is_some_and(|context| context.is_suppressed())));
}
