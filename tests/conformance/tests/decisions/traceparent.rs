//! Traces that come in by a `traceparent` alone: the caller is no Sentry SDK, so the sampling context begins here.

use conformance::{SPAN, TRACE, baggage, carrier, injected, members};
use trace_core::{
    AdoptedContext, Continuation, ContinuedFrom, InMemorySink, NewTrace, TraceContext, Tracer, TracerBuilder,
    TransactionName,
};

fn builder() -> TracerBuilder {
    Tracer::builder()
        .dsn("https://key@o7.ingest.sentry.io/1")
        .release("shop@1")
        .accept_traceparent(true)
        .sink(InMemorySink::default())
}

fn continued(tracer: &Tracer, flags: &str, members: Option<&str>) -> TraceContext {
    let traceparent = format!("00-{TRACE}-{SPAN}-{flags}");
    tracer.continue_trace(&carrier([("traceparent", Some(traceparent.as_str())), ("baggage", members)]))
}

/// The members that are sent on but for the number, which is drawn from the id.
fn sent(context: &TraceContext) -> String {
    let sent = members(&baggage(&injected(context)));
    let rest = sent.iter().filter(|(key, _)| key != "sentry-sample_rand");
    rest.map(|(key, value)| format!("{}={value}", key.replace("sentry-", ""))).collect::<Vec<_>>().join(",")
}

const HEAD: &str = "public_key=key,org_id=7,release=shop@1,environment=production";

#[test]
fn this_service_is_the_head_of_the_sampling_context() {
    let table = [
        ("no option, flag 01", builder(), "01", ",sampled=true"),
        ("no option, flag 00", builder(), "00", ""),
        (
            "no option, flag 00 as a decision",
            builder().unsampled_traceparent_is_decision(true),
            "00",
            ",sampled=false",
        ),
        ("a rate, flag 01", builder().traces_sample_rate(0.0), "01", ",sampled=true,transaction=job"),
        (
            "a rate, flag 00",
            builder().traces_sample_rate(1.0),
            "00",
            ",sample_rate=1,sampled=true,transaction=job",
        ),
        (
            "a sampler, flag 01",
            builder().traces_sampler(|_| Some(0.0)),
            "01",
            ",sample_rate=0,sampled=false,transaction=job",
        ),
        (
            "a sampler that inherits, flag 01",
            builder().traces_sampler(|transaction| Some(transaction.inherit_or(0.0))),
            "01",
            ",sample_rate=1,sampled=true,transaction=job",
        ),
    ];
    for (name, builder, flags, decided) in table {
        let tracer = builder.build().unwrap();
        let context = continued(&tracer, flags, None);
        let expected = Continuation::Continued {
            from: ContinuedFrom::Traceparent,
            sampling_context: AdoptedContext::Absent,
        };
        assert_eq!(context.continuation(), expected, "{name}");
        let span = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
        assert_eq!(sent(span.context()), format!("trace_id={TRACE},{HEAD}{decided}"), "{name}");
        assert_eq!(span.context().received_sampling_context(), None, "{name}");
    }
}

#[test]
fn a_flag_counts_where_no_transaction_is_started() {
    for builder in [builder(), builder().traces_sample_rate(0.5)] {
        let context = continued(&builder.build().unwrap(), "01", None);
        assert_eq!(sent(&context), format!("trace_id={TRACE},{HEAD},sampled=true"));
        assert_eq!(context.sampled(), Some(true));
    }
}

#[test]
fn the_next_strict_service_of_the_organization_continues_it() {
    let strict = || Tracer::builder().org_id(7).strict_trace_continuation(true).build().unwrap();
    let context = continued(&builder().build().unwrap(), "01", None);
    let next = strict().continue_trace(&injected(&context));
    assert_eq!(next.trace_id(), context.trace_id());
    // Strict continuation itself takes no caller that names no organization.
    let refused = continued(
        &Tracer::builder()
            .org_id(7)
            .strict_trace_continuation(true)
            .accept_traceparent(true)
            .build()
            .unwrap(),
        "01",
        None,
    );
    assert_eq!(refused.continuation(), Continuation::New(NewTrace::UnknownOrganization));
}

#[test]
fn members_beside_it_count_only_if_they_name_its_trace() {
    let other = "0123456789abcdef0123456789abcdef";
    let ours = format!("sentry-trace_id={TRACE},sentry-public_key=theirs,sentry-sample_rand=0.5");
    let head = format!("trace_id={TRACE},{HEAD},sampled=true");
    let table = [
        ("its own", ours.clone(), AdoptedContext::Adopted, format!("trace_id={TRACE},public_key=theirs")),
        ("none named", "sentry-public_key=theirs".to_owned(), AdoptedContext::OfAnotherTrace, head.clone()),
        (
            "another",
            format!("sentry-trace_id={other},sentry-public_key=theirs"),
            AdoptedContext::OfAnotherTrace,
            head.clone(),
        ),
        (
            "both",
            format!("sentry-trace_id={other},sentry-release=x,{ours}"),
            AdoptedContext::Adopted,
            format!("trace_id={TRACE},public_key=theirs"),
        ),
        ("members of others", "tenant=acme".to_owned(), AdoptedContext::Absent, head),
    ];
    for (name, line, sampling_context, expected) in table {
        let context = continued(&builder().build().unwrap(), "01", Some(&line));
        let from = ContinuedFrom::Traceparent;
        assert_eq!(context.continuation(), Continuation::Continued { from, sampling_context }, "{name}");
        assert_eq!(sent(&context), expected, "{name}");
    }
}
