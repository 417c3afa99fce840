//! Who decides about sampling: explicit before sampler before parent before rate.

use conformance::{SPAN, TRACE, carrier};
use trace_core::{SamplingContext, Tracer, TransactionName};

type Answer = fn(&SamplingContext<'_>) -> Option<f64>;

#[test]
fn precedence() {
    const NOTHING: Answer = |_| None;
    const TENTH: Answer = |_| Some(0.1);
    const ALL: Answer = |_| Some(1.0);
    const PARENT: Answer = |context| context.parent_sample_rate();
    const NAN: Answer = |_| Some(f64::NAN);
    const TWO: Answer = |_| Some(2.0);

    // Incoming flag and members; explicit decision, sampler, rate; then the decision, and the `sample_rate` sent on.
    let at = |rand: &str, rate: &str| format!("sentry-sample_rand={rand},sentry-sample_rate={rate}");
    let rand = |rand: &str| format!("sentry-sample_rand={rand}");
    #[rustfmt::skip]
    let table = [
        // The rate decides where nobody else does.
        ("", rand("0.249999"), None, None, Some(0.25), Some(true), Some("0.25")),
        ("", rand("0.250000"), None, None, Some(0.25), Some(false), Some("0.25")),
        ("", at("0.5", "0.9"), None, None, Some(1.0), Some(true), Some("1")),
        ("", at("0.5", "0.9"), None, None, None, None, Some("0.9")),
        // The parent's decision stands before the rate, and nothing of ours is claimed.
        ("-1", at("0.5", "0.9"), None, None, Some(0.0), Some(true), Some("0.9")),
        ("-0", at("0.5", "0.1"), None, None, Some(1.0), Some(false), Some("0.1")),
        ("-1", at("0.5", "0.9"), None, None, None, Some(true), Some("0.9")),
        ("-1", rand("0.5"), None, None, Some(0.0), Some(true), None),
        // The sampler stands before the parent.
        ("-1", at("0.5", "0.9"), None, Some(TENTH), Some(1.0), Some(false), Some("0.1")),
        ("-0", at("0.5", "0.1"), None, Some(ALL), Some(0.0), Some(true), Some("1")),
        ("-0", at("0.7", "0.2"), None, Some(PARENT), None, Some(false), Some("0.2")),
        ("-1", at("0.1", "0.2"), None, Some(PARENT), None, Some(true), Some("0.2")),
        // One that answers nothing passes on.
        ("-1", at("0.5", "0.9"), None, Some(NOTHING), Some(0.0), Some(true), Some("0.9")),
        ("", at("0.5", "0.9"), None, Some(NOTHING), Some(0.25), Some(false), Some("0.25")),
        ("", at("0.5", "0.9"), None, Some(NOTHING), None, None, Some("0.9")),
        // One that answers nonsense samples nothing, and changes nothing.
        ("-1", at("0.5", "0.9"), None, Some(NAN), Some(1.0), Some(false), Some("0.9")),
        ("", at("0.5", "0.9"), None, Some(TWO), Some(1.0), Some(false), Some("0.9")),
        // The application stands before all.
        ("-0", at("0.5", "0.1"), Some(true), Some(TENTH), Some(0.0), Some(true), Some("1")),
        ("-1", at("0.5", "0.9"), Some(false), Some(ALL), Some(1.0), Some(false), Some("0")),
        ("-1", at("0.5", "0.9"), Some(false), None, None, Some(false), Some("0.9")),
    ];
    for (flag, members, explicit, sampler, rate, decision, sent_rate) in table {
        let row = format!("{flag} {members} {explicit:?} sampler {} rate {rate:?}", sampler.is_some());
        let mut builder = Tracer::builder();
        if let Some(rate) = rate {
            builder = builder.traces_sample_rate(rate);
        }
        if let Some(sampler) = sampler {
            builder = builder.traces_sampler(sampler);
        }
        let tracer = builder.build().unwrap();
        let sentry_trace = format!("{TRACE}-{SPAN}{flag}");
        let headers = [("sentry-trace", Some(sentry_trace.as_str())), ("baggage", Some(members.as_str()))];
        let mut span = tracer.service_span("test", "precedence").continuing(&carrier(headers));
        if let Some(explicit) = explicit {
            span = span.sampled(explicit);
        }
        let span = span.start();
        assert_eq!(span.context().sampled(), decision, "{row}");
        assert_eq!(
            span.context().dynamic_sampling_context().get("sample_rate").as_deref(),
            sent_rate,
            "{row}"
        );
    }
}

#[test]
fn what_a_sampler_is_told() {
    let table = [
        ("-1", "sentry-sample_rate=0.25", Some(true), Some(0.25), 0.25),
        ("-0", "sentry-sample_rate=1e-05", Some(false), Some(0.00001), 0.00001),
        ("-1", "sentry-release=r", Some(true), Some(1.0), 1.0),
        ("-1", "sentry-sample_rate=2", Some(true), Some(1.0), 1.0),
        ("-0", "sentry-sample_rate=NaN", Some(false), None, 0.0),
        ("", "sentry-sample_rate=0.5abc", None, None, 0.75),
        ("", "sentry-sample_rate=0.5", None, Some(0.5), 0.5),
    ];
    for (flag, members, sampled, rate, inherited) in table {
        let tracer = Tracer::builder().traces_sampler(move |context| {
            assert_eq!(context.parent_sampled(), sampled, "{flag} {members}");
            assert_eq!(context.parent_sample_rate(), rate, "{flag} {members}");
            assert_eq!(context.inherit_or(0.75), inherited, "{flag} {members}");
            assert_eq!((context.name(), context.operation()), ("told", "test"));
            None
        });
        let tracer = tracer.build().unwrap();
        let sentry_trace = format!("{TRACE}-{SPAN}{flag}");
        let headers = [("sentry-trace", Some(sentry_trace.as_str())), ("baggage", Some(members))];
        let context = tracer.continue_trace(&carrier(headers));
        drop(tracer.service_span("test", TransactionName::custom("told")).in_trace(context).start());
    }
}
