use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::MAX_SPANS;
use crate::{FinishedTransaction, InMemorySink, Span, TraceContext, Tracer, TransactionName};

fn recording() -> (Tracer, InMemorySink) {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    (tracer, sink)
}

fn job(tracer: &Tracer, context: TraceContext) -> Span {
    tracer.service_span("task", TransactionName::task("job")).in_trace(context).start()
}

fn descriptions(transaction: &FinishedTransaction) -> Vec<&str> {
    transaction.spans.iter().map(|span| &*span.description).collect()
}

#[test]
fn spans_are_sent_in_the_order_in_which_they_ended() {
    let (tracer, sink) = recording();
    let root = job(&tracer, tracer.start_new_trace());
    let (first, running) = (root.start_span("function", "first"), root.start_span("function", "running"));
    let second = root.start_span("function", "second");
    second.end();
    first.end();
    root.end();
    running.context().set_description("too late");
    running.end();
    let sent = sink.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(descriptions(&sent[0]), ["second", "first"]);
}

#[test]
fn nothing_of_it_happens_after_it_was_sent() {
    let (tracer, sink) = recording();
    let root = job(&tracer, tracer.start_new_trace());
    let context = root.context().clone();
    root.end();
    context.set_description("too late");
    let late = context.start_span("function", "late");
    assert!(late.is_recording() && late.trace_id() == context.trace_id());
    late.end();
    assert_eq!(sink.take().len(), 1);
}

#[test]
fn more_spans_than_there_is_room_for_are_counted() {
    let (tracer, sink) = recording();
    let root = job(&tracer, tracer.start_new_trace());
    for number in 0..MAX_SPANS + 2 {
        root.start_span("function", number.to_string()).end();
    }
    root.end();
    let sent = sink.take();
    assert_eq!((sent[0].spans.len(), sent[0].dropped_spans), (MAX_SPANS, 2));
    assert_eq!(sent[0].spans[MAX_SPANS - 1].description, (MAX_SPANS - 1).to_string());
}

#[test]
fn a_transaction_in_the_context_of_a_span_stands_alone() {
    let (tracer, sink) = recording();
    let outer = job(&tracer, tracer.start_new_trace());
    let recorded = job(&tracer, outer.context().clone());
    recorded.context().set_tag("inner", "yes");
    recorded.end();
    let unrecorded = tracer.service_span("task", "job").in_trace(&outer).sampled(false).start();
    unrecorded.context().set_tag("unrecorded", "yes");
    let outer_id = outer.span_id();
    let inner = sink.take();
    assert_eq!(inner.len(), 1, "the outer one goes on");
    let context = outer.context().clone();
    outer.end();
    let sent = sink.take();
    assert_eq!((sent.len(), &sent[0].root.tags[..]), (1, &[][..]));
    job(&tracer, context).end();
    let late = sink.take();
    let parents = [&inner, &late].map(|sent| sent[0].root.parent_span_id);
    assert_eq!(parents, [Some(outer_id); 2], "each is below the outer one");
    let ids = BTreeSet::from([&inner, &sent, &late].map(|sent| sent[0].root.span_id));
    assert_eq!(ids.len(), 3, "no id is used twice");

    let below = tracer.service_span("task", "job").in_trace(&unrecorded).sampled(true).start();
    let parents = [below.context().parent_span_id(), unrecorded.context().parent_span_id()];
    assert_eq!(parents, [Some(unrecorded.span_id()), Some(outer_id)], "also if it is not recorded");
}

#[test]
fn the_first_transaction_of_a_trace_speaks_for_it() {
    let (tracer, sink) = recording();
    let first = job(&tracer, tracer.start_new_trace());
    tracer.service_span("task", "another").in_trace(&first).sampled(false).start().end();
    first.end();
    let sent = sink.take();
    let context = sent[0].dynamic_sampling_context();
    let said = ["sampled", "sample_rate", "transaction"].map(|name| context.get(name).unwrap().into_owned());
    assert_eq!(said, ["true", "1", "job"]);
}

#[test]
fn what_a_setter_is_given_may_use_the_span_itself() {
    let (tracer, sink) = recording();
    let root = job(&tracer, tracer.start_new_trace());
    root.set_attribute("replaced", 1);
    root.context().set_attributes(["first", "replaced"].map(|key| (key, 2)).into_iter().inspect(
        |(key, _)| {
            root.context().set_tag(*key, "seen");
            root.start_span("function", *key).end();
        },
    ));
    root.end();
    let sent = sink.take();
    let keys: Vec<_> = sent[0].root.attributes.iter().map(|(key, value)| (&**key, value.clone())).collect();
    assert_eq!(keys, [("replaced", 2.into()), ("first", 2.into())]);
    assert_eq!((sent[0].root.tags.len(), descriptions(&sent[0])), (2, vec!["first", "replaced"]));
}

#[test]
fn threads_of_one_request_share_its_transaction() {
    let (tracer, sink) = recording();
    let root = job(&tracer, tracer.start_new_trace());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let root = &root;
            scope.spawn(move || {
                for number in 0..100 {
                    let outer = root.start_span("function", format!("{thread} {number}"));
                    outer.start_span("function", "inner").set_attribute("of", outer.span_id().to_string());
                    outer.context().set_tag("thread", thread.to_string());
                }
            });
        }
    });
    root.end();
    let sent = sink.take().remove(0);
    assert_eq!((sent.spans.len(), sent.dropped_spans), (MAX_SPANS, 600));
    for span in &sent.spans {
        match span.tags.first() {
            Some((_, thread)) => assert!(span.description.starts_with(&format!("{thread} "))),
            None => {
                // An outer span for which there was no room has left its child to the service span.
                let of = span.attribute("of").and_then(|of| of.as_str()).unwrap();
                let is_sent = sent.spans.iter().any(|outer| outer.span_id.to_string() == of);
                let parent = span.parent_span_id.unwrap();
                assert_eq!(parent.to_string() == of, is_sent);
                assert!(is_sent || parent == sent.root.span_id);
            }
        }
    }
}

/// An event in the life of a transaction. A span is identified by the number of its start.
#[derive(Debug, Clone)]
enum Event {
    Start,
    Describe(usize),
    End(usize),
    Hold,
    Release,
    EndRoot,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Start),
        2 => (0..12_usize).prop_map(Event::Describe),
        4 => (0..12_usize).prop_map(Event::End),
        1 => Just(Event::Hold),
        1 => Just(Event::Release),
        1 => Just(Event::EndRoot),
    ]
}

proptest! {
    #[test]
    fn it_is_sent_once_with_what_ended_in_time(events in vec(event(), 0..40)) {
        let (tracer, sink) = recording();
        let mut root = Some(job(&tracer, tracer.start_new_trace()));
        let context = root.as_ref().unwrap().context().clone();
        let (mut spans, mut guards) = (Vec::<Option<Span>>::new(), Vec::new());
        // The model: what each span is called, which have ended, and what was sent.
        let (mut names, mut ended, mut sent) = (Vec::<String>::new(), Vec::new(), None);
        for event in events {
            match event {
                Event::Start => {
                    let name = format!("span {}", spans.len());
                    spans.push(Some(context.start_span("function", name.clone())));
                    names.push(name);
                }
                Event::Describe(number) => {
                    if let Some(Some(span)) = spans.get(number) {
                        span.context().set_description("described");
                        names[number] = "described".to_owned();
                    }
                }
                Event::End(number) => {
                    if let Some(span) = spans.get_mut(number).and_then(Option::take) {
                        span.end();
                        ended.push(names[number].clone());
                    }
                }
                Event::Hold => guards.push(context.keep_open()),
                Event::Release => drop(guards.pop()),
                Event::EndRoot => drop(root.take()),
            }
            if sent.is_none() && root.is_none() && guards.is_empty() {
                sent = Some(ended.clone());
            }
        }
        let found = sink.take();
        let found: Vec<_> = found.iter().map(descriptions).collect();
        prop_assert_eq!(found, Vec::from_iter(sent));
    }
}
