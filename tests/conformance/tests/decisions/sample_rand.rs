//! `sample_rand` in exact millionths: the intervals from which a missing one is drawn, and what it is compared with.

use std::collections::BTreeSet;
use std::ops::Range;

use conformance::{SPAN, carrier};
use trace_core::{SampleRate, TraceContext, TraceId, Tracer};

const MILLION: u32 = 1_000_000;

fn continued(trace_id: TraceId, flag: &str, members: &str) -> TraceContext {
    let sentry_trace = format!("{trace_id}-{SPAN}{flag}");
    let baggage = format!("sentry-trace_id={trace_id}{members}");
    let headers = [("sentry-trace", Some(sentry_trace.as_str())), ("baggage", Some(baggage.as_str()))];
    Tracer::builder().build().unwrap().continue_trace(&carrier(headers))
}

#[test]
fn intervals() {
    let table: [(&str, &str, Range<u32>); 15] = [
        ("-1", "0.25", 0..250_000),
        ("-0", "0.25", 250_000..MILLION),
        ("-1", "0.3333333", 0..333_334),
        ("-0", "0.3333333", 333_334..MILLION),
        ("-1", "0.0000005", 0..1),
        ("-0", "0.0000005", 1..MILLION),
        ("-1", "0.000002", 0..2),
        ("-0", "0.999998", 999_998..MILLION),
        ("-1", "0.9999999", 0..MILLION),
        ("-1", "1", 0..MILLION),
        ("-0", "0", 0..MILLION),
        ("", "0.25", 0..MILLION),
        // No usable rate.
        ("-1", "2", 0..MILLION),
        ("-1", "0.5abc", 0..MILLION),
        ("-0", "NaN", 0..MILLION),
    ];
    for (flag, rate, interval) in table {
        let row = format!("flag {flag:?}, rate {rate}");
        let mut drawn = BTreeSet::new();
        for _ in 0..500 {
            let trace_id = TraceId::random();
            let context = continued(trace_id, flag, &format!(",sentry-sample_rate={rate}"));
            let number = context.sample_rand();
            assert!(interval.contains(&number.millionths()), "{row}: {number}");
            // It is sent on, with six digits, and is the same for the same trace.
            let sent = context.dynamic_sampling_context().get("sample_rand").map(|text| text.into_owned());
            assert_eq!(sent, Some(format!("0.{:06}", number.millionths())), "{row}");
            let again = continued(trace_id, flag, &format!(",sentry-sample_rate={rate}"));
            assert_eq!(again.sample_rand(), number, "{row}");
            drawn.insert(number.millionths());
        }
        // The whole interval is drawn from: numbers fall close to both of its ends.
        let width = f64::from(interval.end - interval.start);
        let (first, last) = (drawn.first().unwrap(), drawn.last().unwrap());
        let slack = (width / 20.0) as u32;
        assert!(
            *first <= interval.start + slack && *last >= interval.end - 1 - slack,
            "{row}: {first}..={last}"
        );
    }
}

#[test]
fn in_an_empty_interval_the_flag_stands_and_nothing_is_added() {
    for (flag, rate) in [("-0", "1"), ("-1", "0"), ("-0", "0.9999999"), ("-1", "0.0"), ("-0", "1.0")] {
        let context = continued(TraceId::random(), flag, &format!(",sentry-sample_rate={rate}"));
        assert_eq!(context.sampled(), Some(flag == "-1"), "{flag} {rate}");
        assert!(context.sample_rand().millionths() < MILLION);
        assert_eq!(context.dynamic_sampling_context().get("sample_rand"), None, "{flag} {rate}");
    }
}

#[test]
fn numbers_are_read_exactly() {
    let table = [
        ("0", 0),
        ("0.0", 0),
        ("0.000000", 0),
        ("0.0000009", 0),
        ("0.000001", 1),
        ("1e-6", 1),
        ("1E-06", 1),
        ("1e-7", 0),
        ("0.1", 100_000),
        ("0.29", 290_000),
        ("0.57", 570_000),
        ("0.123456", 123_456),
        ("0.12345678901234567", 123_456),
        ("0.333333", 333_333),
        ("0.999999", 999_999),
        ("0.9999999", 999_999),
        ("0.99999999999999994", 999_999),
        ("9.99999e-1", 999_999),
    ];
    for (text, millionths) in table {
        let context = continued(TraceId::random(), "", &format!(",sentry-sample_rand={text}"));
        assert_eq!(context.sample_rand().millionths(), millionths, "{text}");
        assert_eq!(
            context.dynamic_sampling_context().get("sample_rand").as_deref(),
            Some(text),
            "it is kept as it came"
        );
    }
    for millionths in (0..MILLION).step_by(997).chain([MILLION - 1]) {
        let text = format!("0.{millionths:06}");
        let context = continued(TraceId::random(), "", &format!(",sentry-sample_rand={text}"));
        assert_eq!(context.sample_rand().millionths(), millionths, "{text}");
        assert_eq!(context.sample_rand().to_string(), text);
    }
}

#[test]
fn what_is_no_number_is_replaced() {
    for text in [
        "1", "1.0", "-0.1", "+0.5", ".5", "5.", "00.5", "0%2C5", "0x1", "NaN", "inf", "abc", "0.5%20", "1e",
        "%zz",
    ] {
        let trace_id = TraceId::random();
        let context = continued(trace_id, "", &format!(",sentry-sample_rand={text}"));
        let sent = context.dynamic_sampling_context().get("sample_rand").map(|text| text.into_owned());
        assert_eq!(sent, Some(context.sample_rand().to_string()), "{text}");
        assert_ne!(sent.as_deref(), Some(text));
    }
}

#[test]
fn what_is_no_number_is_replaced_also_where_no_number_fits() {
    // The flag and the rate contradict each other, so the flag stands and any number serves.
    for (flag, rate) in [("-1", "0"), ("-0", "1")] {
        for text in ["abc", "1", "%zz"] {
            let members = format!(",sentry-sample_rate={rate},sentry-sample_rand={text}");
            let context = continued(TraceId::random(), flag, &members);
            let sent = context.dynamic_sampling_context().get("sample_rand").map(|text| text.into_owned());
            assert_eq!(sent, Some(context.sample_rand().to_string()), "{flag} {rate} {text}");
        }
        let context = continued(TraceId::random(), flag, &format!(",sentry-sample_rate={rate}"));
        assert_eq!(
            context.dynamic_sampling_context().get("sample_rand"),
            None,
            "none is added: {flag} {rate}"
        );
    }
}

#[test]
fn a_rate_separates_the_numbers_below_it_from_the_others() {
    // The rate, and the first number that is not below it.
    let table = [
        (0.0, 0),
        (0.0000005, 1),
        (0.000001, 1),
        (0.0000010000001, 2),
        (0.1, 100_000),
        (0.25, 250_000),
        (0.29, 290_000),
        (0.3, 300_000),
        (0.3333333, 333_334),
        (0.57, 570_000),
        (0.7, 700_000),
        (0.999999, 999_999),
        (0.9999999, MILLION),
        (1.0, MILLION),
    ];
    for (rate, first) in table {
        let rate = SampleRate::new(rate).unwrap();
        let around = [first.checked_sub(2), first.checked_sub(1), Some(first), Some(first + 1)];
        for millionths in around.into_iter().flatten().filter(|millionths| *millionths < MILLION) {
            let text = format!(",sentry-sample_rand=0.{millionths:06}");
            let number = continued(TraceId::random(), "", &text).sample_rand();
            assert_eq!(number.is_below(rate), millionths < first, "{number} {rate}");
            // The comparison is that of the texts as numbers, which every peer makes.
            let (number, rate): (f64, f64) =
                (number.to_string().parse().unwrap(), rate.to_string().parse().unwrap());
            assert_eq!(number < rate, millionths < first);
        }
    }
}

#[test]
fn a_head_agrees_with_itself() {
    for rate in [0.0, 0.000001, 0.1, 0.3333333, 0.5, 0.9999999, 1.0] {
        let tracer = Tracer::builder().traces_sample_rate(rate).build().unwrap();
        for _ in 0..200 {
            let name = || trace_core::TransactionName::custom("head");
            let span = tracer.service_span("test", name()).start();
            let sent = span.context().dynamic_sampling_context().into_owned();
            let number = |key: &str| -> f64 { sent.get(key).unwrap().parse().unwrap() };
            let sampled = number("sample_rand") < number("sample_rate");
            assert_eq!(span.context().sampled(), Some(sampled), "{sent:?}");
            assert_eq!(sent.get("sampled").as_deref(), Some(if sampled { "true" } else { "false" }));
        }
    }
}
