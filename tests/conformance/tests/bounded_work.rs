//! Hostile headers cost little more than plain ones of the same size.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use conformance::{SPAN, TRACE, injected};
use http::{HeaderMap, HeaderName, HeaderValue};
use trace_client::{PropagationTargets, Target};
use trace_core::{Tracer, TransactionName, Withheld};

const SIZE: usize = 64 * 1024;

fn headers(baggage: impl IntoIterator<Item = String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("sentry-trace", format!("{TRACE}-{SPAN}-1").parse().unwrap());
    for line in baggage {
        headers.append("baggage", HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    headers
}

fn filled(mut member: impl FnMut(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        let member = member(number);
        if text.len() + member.len() > SIZE {
            break;
        }
        text.push_str(&member);
    }
    text
}

/// What it takes to continue a trace and to send it on, at best of several times.
fn work(tracer: &Tracer, headers: &HeaderMap) -> f64 {
    let once = || {
        // A proxy that copies what came in, to a target, to a stranger, and to one that gets nothing of any trace.
        let [mut outgoing, mut withheld, mut emptied] = [(); 3].map(|()| headers.clone());
        let mut nothing_may_leave = tracer.inject_options();
        nothing_may_leave.nothing_may_leave = true;
        let start = Instant::now();
        let context = tracer.continue_trace(headers);
        let span = tracer.service_span("test", TransactionName::custom("test")).in_trace(context).start();
        span.context().inject(&mut outgoing);
        span.context().withhold(Withheld::NotATarget, &tracer.inject_options(), &mut withheld);
        span.context().withhold(Withheld::NotATarget, &nothing_may_leave, &mut emptied);
        assert!(injected(span.context()).contains_key("sentry-trace"));
        start.elapsed()
    };
    (0..15).map(|_| once()).min().unwrap().as_secs_f64()
}

/// The tests that compare times run one after the other.
static ALONE: Mutex<()> = Mutex::new(());

/// Checks a ratio of times, again if the machine was busy with other things.
fn assert_below(limit: f64, name: &str, measure: impl Fn() -> f64) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ratios = Vec::new();
    while ratios.len() < 5 {
        ratios.push(measure());
        if ratios.iter().any(|ratio| *ratio < limit) {
            return println!("{name:>22}: {ratios:.2?}");
        }
    }
    panic!("{name}: {ratios:.2?}, where less than {limit} is allowed");
}

#[test]
fn hostile_baggage_costs_a_small_multiple_of_a_plain_one() {
    let tracer = Tracer::builder().traces_sample_rate(1.0).build().unwrap();
    // As many members as are read at most, of equal length.
    let plain = filled(|number| format!("vendor{number:03}={},", "v".repeat(SIZE / 256 - 11)));
    let plain = headers([plain]);
    let long_key = "k".repeat(SIZE / 4);
    let hostile = [
        ("commas", vec![",".repeat(SIZE)]),
        ("one key", vec![filled(|_| "sentry-release=a,".to_owned())]),
        (
            "keys with equal sums",
            vec![filled(|number| match number % 2 {
                0 => format!("sentry-a{}b{}=1,", number % 7, 7 - number % 7),
                _ => format!("sentry-b{}a{}=1,", 7 - number % 7, number % 7),
            })],
        ),
        ("many keys", vec![filled(|number| format!("sentry-{number:05}=1,"))]),
        ("many of others", vec![filled(|number| format!("k{number:05}=1,"))]),
        ("long equal keys", vec![filled(|_| format!("sentry-{long_key}=1,"))]),
        ("without equals", vec![filled(|_| "sentry-a,".to_owned())]),
        ("equals", vec!["=".repeat(SIZE)]),
        ("semicolons", vec![format!("sentry-a=b{}", ";".repeat(SIZE - 20))]),
        ("spaces", vec![format!("sentry-a={}b", " ".repeat(SIZE - 20))]),
        ("broken escapes", vec![filled(|number| format!("sentry-{number}=%%%zz \\,"))]),
        ("escapes", vec![format!("sentry-sample_rate={}", "%30".repeat(SIZE / 3 - 10))]),
        ("digits", vec![format!("sentry-sample_rand=0.{}", "9".repeat(SIZE - 40))]),
        ("an exponent", vec![format!("sentry-sample_rate=1e{}", "9".repeat(SIZE - 40))]),
        ("many contexts", vec![filled(|number| format!("sentry-trace_id={number:032x},sentry-a=1,"))]),
        (
            "many lines of contexts",
            (0..1000).map(|number| format!("sentry-trace_id={number:032x}")).collect(),
        ),
        ("many lines", (0..4000).map(|number| format!("sentry-{number}=1")).collect()),
        ("many long lines", (0..40).map(|_| filled(|number| format!("sentry-{number:05}=1,"))).collect()),
    ];
    for (name, lines) in hostile {
        let size: usize = lines.iter().map(String::len).sum();
        let larger = (size as f64 / SIZE as f64).max(1.0);
        let hostile = headers(lines);
        assert_below(20.0, name, || work(&tracer, &hostile) / work(&tracer, &plain) / larger);
    }
}

#[test]
fn at_most_256_members_are_read_and_64_sent_on() {
    let tracer = Tracer::builder().build().unwrap();
    let many = filled(|number| format!("sentry-{number:05}=1,"));
    let context = tracer.continue_trace(&headers([many]));
    assert_eq!(context.received_sampling_context().unwrap().iter().count(), 256);
    let sent = injected(&context);
    assert_eq!(conformance::members(&conformance::baggage(&sent)).len(), 64);
    assert!(sent["baggage"].len() <= 8192);

    // What stands behind 64 KiB is not seen.
    let late = format!("vendor={},sentry-release=late", "v".repeat(SIZE));
    let context = tracer.continue_trace(&headers([late]));
    assert!(context.received_sampling_context().unwrap().is_empty());
}

#[test]
fn other_hostile_headers_are_no_work() {
    let tracer = Tracer::builder().accept_traceparent(true).build().unwrap();
    for text in
        ["-".repeat(SIZE), ",".repeat(SIZE), "a".repeat(SIZE), format!("{TRACE}-{SPAN}-1,").repeat(1000)]
    {
        for name in ["sentry-trace", "traceparent"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(&text).unwrap());
            let start = Instant::now();
            drop(tracer.continue_trace(&headers));
            assert!(start.elapsed() < Duration::from_secs(1), "{name}");
        }
    }
}

#[test]
fn every_header_takes_time_in_proportion_to_its_length() {
    type Lines = fn(usize) -> Vec<String>;
    let traces: Lines = |number| (1..=number).map(|place| format!("{place:032x}-{SPAN}-1")).collect();
    let others: Lines =
        |number| (1..=number).map(|place| format!("00-{place:016x}{place:016x}-{SPAN}-01")).collect();
    let unreadable: Lines = |number| (1..=number).map(|place| format!("00-{place:032x}")).collect();
    let table: [(&str, &[(&str, Lines)]); 8] = [
        ("lines of sentry-trace", &[("sentry-trace", traces)]),
        (
            "a list in sentry-trace",
            &[("sentry-trace", |number| vec![format!("{TRACE}-{SPAN}-1,").repeat(number)])],
        ),
        ("lines of traceparent", &[("traceparent", others)]),
        ("lines of both", &[("sentry-trace", traces), ("traceparent", others)]),
        ("unreadable lines", &[("sentry-trace", traces), ("traceparent", unreadable)]),
        ("members of tracestate", &[("tracestate", |number| vec!["a=1,".repeat(number)])]),
        ("properties", &[("baggage", |number| vec![format!("sentry-a=b{}", ";c=d".repeat(number))])]),
        (
            "signed headers",
            &[
                ("authorization", |number| {
                    vec![format!("AWS4 SignedHeaders={}", "x-baggage;".repeat(number))]
                }),
                ("signature-input", |number| vec![format!("a=({})", "\"x-baggage\" ".repeat(number))]),
            ],
        ),
    ];
    let tracer = Tracer::builder().build().unwrap();
    for (name, headers) in table {
        let time = |number| {
            let lines = headers
                .iter()
                .flat_map(|(name, lines)| lines(number).into_iter().map(move |line| (name, line)));
            let lines = lines.map(|(name, line)| (HeaderName::from_static(name), line.parse().unwrap()));
            work(&tracer, &HeaderMap::from_iter(lines))
        };
        // Eight times the length.
        assert_below(24.0, name, || time(800) / time(100));
    }
}

#[test]
fn to_explain_a_url_takes_time_in_proportion_to_url_and_list() {
    let every_kind = |number: usize| {
        let host = format!("api{number}.example.com");
        [
            Target::host(&host),
            Target::url_prefix(format!("https://{host}/v1/")),
            Target::substring(host.replace("api", "API")),
            Target::regex(format!("^https://({host}|www{number})/|^/x")),
        ]
    };
    let list = |length: usize| PropagationTargets::new((0..length).flat_map(every_kind)).unwrap();
    let work = |targets: &PropagationTargets, url: &str| {
        let once = || {
            let start = Instant::now();
            assert!(!targets.explain(url).to_string().is_empty());
            start.elapsed()
        };
        (0..5).map(|_| once()).min().unwrap().as_secs_f64()
    };
    let any = PropagationTargets::new([Target::regex(".*z|."), Target::path("/")]).unwrap();
    let (short, long) = (7_500, 60_000);
    type Url = fn(usize) -> String;
    let urls: [(&str, Url); 5] = [
        ("a long path", |size| format!("https://a.test/{}", "x".repeat(size))),
        ("a long host", |size| format!("https://{}test/", "a.".repeat(size / 2))),
        ("a long query", |size| format!("https://a.test/?{}", "token=a&".repeat(size / 8))),
        ("URLs in the path", |size| format!("https://a.test/{}@", "//a:b".repeat(size / 5))),
        ("credentials in the path", |size| format!("https://a.test/{}", "//a:b@".repeat(size / 6))),
    ];
    for (name, url) in urls {
        let (long, short) = (url(long), url(short));
        assert_below(24.0, name, || work(&any, &long) / work(&any, &short));
    }
    let (long, short) = (list(40), list(5));
    assert_below(24.0, "a long list", || work(&long, "https://a.test/") / work(&short, "https://a.test/"));
}
