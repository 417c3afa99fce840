use std::collections::HashMap;

use crate::{
    DropReason, InMemorySink, Loss, NamePattern, SpanPattern, SpanStatus, StreamedSpan, Tracer,
    TracerBuilder, TransactionName,
};

const IGNORED: Loss = Loss { reason: DropReason::Ignored, transactions: 0, spans: 1 };

fn streaming(builder: TracerBuilder) -> (Tracer, InMemorySink) {
    let sink = InMemorySink::streaming();
    (builder.traces_sample_rate(1.0).sink(sink.clone()).build().unwrap(), sink)
}

fn names(spans: &[StreamedSpan]) -> Vec<&str> {
    spans.iter().map(|streamed| &*streamed.span.description).collect()
}

#[test]
fn a_pattern_compares_the_name_and_the_attributes_at_the_start() {
    let regex = regex::Regex::new("^SELECT [0-9]$").unwrap();
    let table: [(&str, SpanPattern, &[&str]); 5] = [
        ("a text", "SELECT".into(), &["PING", ""]),
        ("an exact name", NamePattern::exact("SELECT 1").into(), &["SELECT name", "PING", ""]),
        (
            "a regular expression",
            NamePattern::matching(move |name| regex.is_match(name)).into(),
            &["SELECT name", "PING", ""],
        ),
        ("an attribute", SpanPattern::having("system", "redis"), &["SELECT 1", "SELECT name", ""]),
        (
            "both, and the operation of a span without a name",
            SpanPattern::named("function").and("n", 1),
            &["SELECT 1", "SELECT name", "PING"],
        ),
    ];
    for (name, pattern, expected) in table {
        let (tracer, sink) = streaming(Tracer::builder().ignore_spans([pattern]));
        let job = tracer.service_span("task", "job").start();
        for (description, key, value) in
            [("SELECT 1", "n", "1"), ("SELECT name", "n", "2"), ("PING", "system", "redis")]
        {
            let span = job.context().span("db.query", description).attribute(key, value).start();
            span.set_attribute("system", "redis");
        }
        job.context().span("function", "").attribute("n", 1).start().end();
        let spans = sink.take_spans();
        assert_eq!(names(&spans), expected, "{name}");
        assert_eq!(sink.take_losses(), vec![IGNORED; 4 - expected.len()], "{name}");
    }
}

#[test]
fn spans_below_an_ignored_one_and_what_it_calls_belong_to_the_nearest_recorded_ancestor() {
    let (tracer, sink) = streaming(Tracer::builder().ignore_spans(["ignored"]));
    let job = tracer.service_span("task", "job").start();
    let outer = job.start_span("function", "outer");
    let ignored = outer.start_span("function", "ignored");
    ignored.set_status(SpanStatus::DataLoss);
    ignored.set_attribute("lost", true);
    let mut headers: HashMap<String, String> = HashMap::new();
    ignored.context().inject(&mut headers);
    assert!(headers["sentry-trace"].contains(&outer.span_id().to_string()), "{headers:?}");
    let twice = ignored.start_span("function", "ignored, too");
    let inner = twice.start_span("function", "inner");
    [inner, twice, ignored].into_iter().for_each(|span| span.end());
    let outer_id = outer.span_id();
    assert_eq!(outer.context().status(), None);
    outer.end();
    let spans = sink.take_spans();
    assert_eq!(names(&spans), ["inner", "outer"]);
    assert_eq!(spans[0].span.parent_span_id, Some(outer_id));
    assert!(spans[1].span.attributes.is_empty());
    assert_eq!(sink.take_losses(), [IGNORED; 2]);
}

#[test]
fn below_an_ignored_service_span_everything_is_ignored_and_counts() {
    let pattern = SpanPattern::named("GET /health").and("probe", true);
    let (tracer, sink) = streaming(Tracer::builder().ignore_spans([pattern]));
    let name = || TransactionName::route("GET /health");
    let job = tracer.service_span("http.server", name()).attribute("probe", true).start();
    assert_eq!(job.context().sampled(), Some(false));
    let span = job.start_span("function", "work");
    assert!(span.context().service_span().is_some_and(|service| service.status().is_none()));
    span.start_span("function", "below").end();
    span.end();
    job.end();
    assert!(sink.take_spans().is_empty());
    assert_eq!(sink.take_losses(), [IGNORED; 3]);
    tracer.service_span("http.server", name()).start().end();
    assert_eq!(sink.take_spans().len(), 1);
}

#[test]
fn the_rule_also_holds_for_transactions() {
    let sink = InMemorySink::default();
    let builder = Tracer::builder().ignore_spans(["ignored"]).traces_sample_rate(1.0);
    let tracer = builder.sink(sink.clone()).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    job.start_span("function", "ignored").start_span("function", "kept").end();
    job.end();
    tracer.service_span("task", "ignored job").start().start_span("function", "work").end();
    let sent = sink.take();
    assert_eq!((sent.len(), &*sent[0].spans[0].description), (1, "kept"));
    assert_eq!(sent[0].spans[0].parent_span_id, Some(sent[0].root.span_id));
    assert_eq!(sink.take_losses(), [IGNORED, Loss::of_transaction(DropReason::Ignored, 0)]);
}

#[test]
fn a_hook_changes_names_and_attributes_and_its_panic_loses_the_span() {
    let (tracer, sink) = streaming(Tracer::builder().before_send_span(|span| {
        assert_ne!(span.name(), "panics");
        let name = span.name().replace("secret", "[Filtered]");
        span.set_name(name);
        span.remove_attribute("password");
        span.set_attribute("seen", true);
    }));
    let job = tracer.service_span("task", TransactionName::route("the secret job")).start();
    let span = job.start_span("function", "a secret");
    span.set_attribute("password", "1234");
    span.end();
    job.start_span("function", "panics").end();
    job.end();
    let spans = sink.take_spans();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0].span.description, "a [Filtered]");
    assert_eq!(spans[0].span.attributes, [("seen".into(), true.into())]);
    assert_eq!(spans[0].transaction_name(), TransactionName::route("the [Filtered] job"));
    assert_eq!(sink.take_losses(), [Loss::of_spans(DropReason::BeforeSendPanicked, 1)]);
    assert_eq!(tracer.caught_panics(), 1);
}
