//! The life of the dynamic sampling context: what it holds when, and when it stops changing.

use conformance::{SPAN, TRACE, baggage, carrier, injected, members};
use trace_core::{InMemorySink, TraceContext, Tracer, TransactionName};

use crate::client::call;

fn keys(context: &TraceContext) -> Vec<String> {
    let sent = members(&baggage(&injected(context)));
    let mut keys: Vec<_> = sent.into_iter().map(|(key, _)| key.replace("sentry-", "")).collect();
    keys.sort();
    keys
}

fn continued(tracer: &Tracer, flag: &str, baggage: Option<&str>) -> TraceContext {
    let sentry_trace = format!("{TRACE}-{SPAN}{flag}");
    tracer.continue_trace(&carrier([("sentry-trace", Some(sentry_trace.as_str())), ("baggage", baggage)]))
}

fn tracer(rate: Option<f64>) -> Tracer {
    let builder =
        Tracer::builder().dsn("https://key@o1.ingest.sentry.io/1").release("r").sink(InMemorySink::default());
    let builder = match rate {
        Some(rate) => builder.traces_sample_rate(rate),
        None => builder,
    };
    builder.build().unwrap()
}

const CONSTANT: [&str; 6] = ["environment", "org_id", "public_key", "release", "sample_rand", "trace_id"];

#[test]
fn a_head_without_a_sampling_option_sends_no_decision() {
    let tracer = tracer(None);
    let context = tracer.start_new_trace();
    let span = tracer.service_span("test", TransactionName::route("GET /")).in_trace(context).start();
    assert_eq!(keys(span.context()), CONSTANT);
}

#[test]
fn a_head_freezes_when_its_context_first_leaves_the_process() {
    let tracer = tracer(Some(1.0));
    type Leave = fn(&Tracer, &TraceContext);
    let ways: [(&str, Leave); 4] = [
        ("to a target", |tracer, context| drop(call(tracer, context, &["api.example.com"]))),
        ("injected", |_, context| drop(injected(context))),
        ("as data", |_, context| drop(context.trace_data())),
        ("asked for", |_, context| drop(context.dynamic_sampling_context())),
    ];
    for (way, leave) in ways {
        let span = tracer.service_span("test", TransactionName::url("/users/17")).start();
        // A request that does not match the targets carries nothing, and so freezes nothing.
        assert!(call(&tracer, span.context(), &["other.example.com"]).is_empty());
        // Nor does a look at what is known so far.
        let looked_at = format!("{:?} {:?}", span.context(), span.context().own_sample_rate());
        assert!(looked_at.contains("SampleRate(1.0)"), "{looked_at}");
        span.context().set_transaction_name(TransactionName::route("GET /users/{id}"));
        leave(&tracer, span.context());
        span.context().set_transaction_name(TransactionName::custom("too late"));
        let first = baggage(&injected(span.context()));
        let sent = members(&first);
        let name = sent.iter().find(|(key, _)| key == "sentry-transaction");
        assert_eq!(name.map(|(_, name)| name.as_str()), Some("GET /users/{id}"), "{way}");
        let mut expected = [&CONSTANT[..], &["sample_rate", "sampled", "transaction"]].concat();
        expected.sort_unstable();
        assert_eq!(keys(span.context()), expected, "{way}");

        // All that is sent later is the same, also by spans below it.
        let child = span.start_span("child", "");
        assert_eq!(baggage(&injected(child.context())), first, "{way}");
        assert_eq!(span.context().trace_data().baggage(), Some(first.as_str()), "{way}");
    }
}

#[test]
fn a_name_of_low_quality_never_leaves() {
    let tracer = tracer(Some(1.0));
    let name = || TransactionName::url("/users/17");
    let span = tracer.service_span("test", name()).start();
    assert!(!keys(span.context()).contains(&"transaction".to_owned()));
}

#[test]
fn a_trace_that_begins_anew_is_open_again() {
    let tracer = tracer(Some(1.0));
    let first = tracer.service_span("test", TransactionName::custom("first")).start();
    let of_first = baggage(&injected(first.context()));
    let second = tracer.service_span("test", TransactionName::custom("second")).start();
    assert_ne!(second.trace_id(), first.trace_id());
    assert!(baggage(&injected(second.context())).contains("sentry-transaction=second"));
    assert_eq!(baggage(&injected(first.context())), of_first);
}

#[test]
fn a_continued_context_is_frozen_at_once() {
    let incoming = format!(
        "sentry-release=a%2Fb/c,sentry-x=%zz,sentry-trace_id={TRACE},sentry-sample_rand=1e-3,sentry-sample_rate=0.4"
    );
    let cases = [
        ("inherited", "-1", Some(0.0), incoming.clone()),
        ("no sampling option", "", None, incoming.clone()),
        // The own rate made the decision, so it is the one that is sent on, where the other stood.
        ("own rate", "", Some(0.25), incoming.replace("sample_rate=0.4", "sample_rate=0.25")),
    ];
    for (name, flag, rate, expected) in cases {
        let tracer = tracer(rate);
        let context = continued(&tracer, flag, Some(&incoming));
        let span = tracer.service_span("test", TransactionName::route("GET /")).in_trace(context).start();
        span.context().set_transaction_name(TransactionName::custom("no effect"));
        assert_eq!(baggage(&injected(span.context())), expected, "{name}");
    }
}

#[test]
fn what_is_missing_in_a_continued_context_is_added_once() {
    let tracer = tracer(Some(1.0));
    let incoming = format!("sentry-trace_id={TRACE},sentry-release=r");
    let span = tracer
        .service_span("test", TransactionName::route("GET /"))
        .in_trace(continued(&tracer, "", Some(&incoming)))
        .start();
    let first = baggage(&injected(span.context()));
    let rand = span.context().sample_rand();
    assert_eq!(first, format!("{incoming},sentry-sample_rate=1,sentry-sample_rand={rand}"));
    assert_eq!(baggage(&injected(span.context())), first);
}

#[test]
fn a_caller_without_members_gets_nothing_invented() {
    for incoming in
        [None, Some("vendor=1"), Some("sentry-trace_id=0af7651916cd43dd8448eb211c80319c,sentry-release=r")]
    {
        for rate in [None, Some(1.0)] {
            let tracer = tracer(rate);
            let span = tracer
                .service_span("test", TransactionName::route("GET /"))
                .in_trace(continued(&tracer, "", incoming))
                .start();
            assert_eq!(keys(span.context()), ["sample_rand"], "{incoming:?} {rate:?}");
        }
    }
}

#[test]
fn members_without_a_trace_header_are_ignored() {
    let tracer = tracer(None);
    let incoming = format!("sentry-trace_id={TRACE},sentry-release=theirs");
    let context = tracer.continue_trace(&carrier([("baggage", Some(incoming.as_str()))]));
    assert_eq!(keys(&context), CONSTANT);
    assert_eq!(context.dynamic_sampling_context().get("release").as_deref(), Some("r"));
}
