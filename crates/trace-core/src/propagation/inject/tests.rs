use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::context::{InjectOptions, TraceContext};
use crate::wire::names::TraceHeaderName;
use crate::{Tracer, TracerBuilder};

const T: &str = "771a43a4192642f0b136d5159a501700";
const S: &str = "b72fa28504b07285";
const U: &str = "0123456789abcdef0123456789abcdef";

type Headers = Vec<(&'static str, String)>;

/// Returns header lines, with the trace ids for `T`, `S` and `U` in braces.
fn headers(lines: &[&'static str]) -> Headers {
    let line = |line: &&'static str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name, value.replace("{T}", T).replace("{S}", S).replace("{U}", U))
    };
    lines.iter().map(line).collect()
}

fn map(lines: &[&'static str]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers(lines) {
        map.append(name, HeaderValue::from_str(&value).unwrap());
    }
    map
}

/// Returns the trace headers of a request, one text for each line, with our own span as `{ours}`.
fn left(map: &HeaderMap) -> Vec<String> {
    let lines =
        |name: TraceHeaderName| map.get_all(name.header_name()).iter().map(move |value| (name, value));
    let text = |(name, value): (TraceHeaderName, &HeaderValue)| {
        let text = value.to_str().unwrap().replace(T, "{T}").replace(S, "{S}").replace(U, "{U}");
        format!("{}: {}", name.as_str(), ours(&text))
    };
    TraceHeaderName::ALL.into_iter().flat_map(lines).map(text).collect()
}

/// Replaces a span id that is not from the input.
fn ours(text: &str) -> String {
    let is_span = |part: &&str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split('-').find(is_span).filter(|_| !text.contains("sentry-")) {
        Some(span) if !span.starts_with("00000000") => text.replace(span, "{ours}"),
        _ => text.to_owned(),
    }
}

const OWN: &str = "sentry-trace: {U}-0000000000000001-0";

struct Row {
    name: &'static str,
    came_in: &'static [&'static str],
    outgoing: &'static [&'static str],
    to_target: &'static [&'static str],
    to_stranger: &'static [&'static str],
    with_empty_list: &'static [&'static str],
}

/// The rows without any option of W3C.
const PLAIN: &[Row] = &[
    Row {
        name: "nothing",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-trace_id={T},sentry-sample_rand=0.5"],
        outgoing: &[],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-trace_id={T},sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "copied in upper case and with another flag",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["sentry-trace: 771A43A4192642F0B136D5159A501700-B72FA28504B07285-0"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "an unreadable one that came in",
        came_in: &["sentry-trace: {T}-{S}-9", "baggage: sentry-trace_id={T},x=1"],
        outgoing: &["sentry-trace: {T}-{S}-9", "baggage: sentry-trace_id={T},x=1"],
        to_target: &["sentry-trace: new", "baggage: x=1,new"],
        to_stranger: &["baggage: x=1"],
        with_empty_list: &["baggage: x=1"],
    },
    Row {
        name: "members without a trace",
        came_in: &["baggage: sentry-release=a"],
        outgoing: &["baggage: sentry-release=a", "baggage: x=1"],
        to_target: &["sentry-trace: new", "baggage: x=1,new"],
        to_stranger: &["baggage: x=1"],
        with_empty_list: &["baggage: x=1"],
    },
    Row {
        name: "the last of two that came in",
        came_in: &["sentry-trace: {T}-{S}-1", "sentry-trace: {U}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["sentry-trace: {U}-{S}-1"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "the last of a list that came in",
        came_in: &["sentry-trace: x, {T}-{S}-1,{U}-{S}", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["sentry-trace: {U}-{S}"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "both that came in",
        came_in: &["sentry-trace: {T}-{S}-1", "sentry-trace: {U}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["sentry-trace: {T}-{S}-1", "sentry-trace: {U}-{S}-1"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "the application's own",
        came_in: &["sentry-trace: {T}-{S}-1"],
        outgoing: &[OWN, "baggage: sentry-release=mine,x=1"],
        to_target: &[OWN, "baggage: sentry-release=mine,x=1"],
        to_stranger: &[OWN, "baggage: sentry-release=mine,x=1"],
        with_empty_list: &["baggage: x=1"],
    },
    Row {
        name: "the application's own beside what came in",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-trace_id={T},sentry-release=a,x=1"],
        outgoing: &["sentry-trace: {T}-{S}-1", OWN, "baggage: sentry-trace_id={T},sentry-release=a,x=1"],
        to_target: &[OWN, "baggage: x=1"],
        to_stranger: &[OWN, "baggage: x=1"],
        with_empty_list: &["baggage: x=1"],
    },
    Row {
        name: "a bad member of Sentry's",
        came_in: &[],
        outgoing: &["baggage: sentry-trace_id, sentry-x= ,y=2"],
        to_target: &["sentry-trace: new", "baggage: y=2,new"],
        to_stranger: &["baggage: y=2"],
        with_empty_list: &["baggage: y=2"],
    },
    Row {
        name: "members of others on two lines",
        came_in: &[],
        outgoing: &["baggage: a=1 ; p", "baggage:  b=2"],
        to_target: &["sentry-trace: new", "baggage: a=1 ; p, b=2,new"],
        to_stranger: &["baggage: a=1 ; p", "baggage:  b=2"],
        with_empty_list: &["baggage: a=1 ; p", "baggage:  b=2"],
    },
    Row {
        name: "W3C's headers of the caller's trace",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["traceparent: 00-{T}-{S}-01", "tracestate: rojo=1"],
        to_target: &[
            "sentry-trace: {T}-{ours}-1",
            "baggage: sentry-sample_rand=0.5",
            "traceparent: 00-{T}-{S}-01",
            "tracestate: rojo=1",
        ],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "W3C's headers of another trace",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["traceparent: 00-{U}-{S}-01", "tracestate: rojo=1"],
        to_target: &[
            "sentry-trace: {T}-{ours}-1",
            "baggage: sentry-sample_rand=0.5",
            "traceparent: 00-{U}-{S}-01",
            "tracestate: rojo=1",
        ],
        to_stranger: &["traceparent: 00-{U}-{S}-01", "tracestate: rojo=1"],
        with_empty_list: &["traceparent: 00-{U}-{S}-01", "tracestate: rojo=1"],
    },
    Row {
        name: "an unreadable traceparent that came in",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5", "traceparent: 00-{T}-{S}-1"],
        outgoing: &["traceparent: 00-{T}-{S}-1", "tracestate: rojo=1"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "a tracestate alone",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["tracestate: rojo=1"],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: sentry-sample_rand=0.5", "tracestate: rojo=1"],
        to_stranger: &["tracestate: rojo=1"],
        with_empty_list: &["tracestate: rojo=1"],
    },
];

/// The rows with `accept_traceparent`.
const ACCEPTING: &[Row] = &[
    Row {
        name: "W3C's headers of the continued trace",
        came_in: &["traceparent: 00-{T}-{S}-01", "tracestate: rojo=1"],
        outgoing: &["traceparent: 00-{T}-{S}-01", "tracestate: rojo=1"],
        to_target: &[
            "sentry-trace: {T}-{ours}-1",
            "baggage: new",
            "traceparent: 00-{T}-{S}-01",
            "tracestate: rojo=1",
        ],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "W3C's headers of another trace",
        came_in: &["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"],
        outgoing: &["traceparent: 00-{U}-{S}-01", "tracestate: rojo=1"],
        to_target: &[
            "sentry-trace: {T}-{ours}-1",
            "baggage: sentry-sample_rand=0.5",
            "traceparent: 00-{U}-{S}-01",
            "tracestate: rojo=1",
        ],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "a malformed traceparent",
        came_in: &["traceparent: 00-{T}-{S}-x"],
        outgoing: &["traceparent: 00-{T}-{S}-x", "tracestate: rojo=1"],
        to_target: &["sentry-trace: new", "baggage: new"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "a tracestate alone",
        came_in: &[],
        outgoing: &["tracestate: rojo=1"],
        to_target: &["sentry-trace: new", "baggage: new"],
        to_stranger: &[],
        with_empty_list: &[],
    },
];

/// The rows with both options.
const PROPAGATING: &[Row] = &[
    Row {
        name: "a continued traceparent, nothing copied",
        came_in: &["traceparent:  00-{T}-{S}-03\t", "tracestate: rojo=1", "tracestate: x=, "],
        outgoing: &[],
        to_target: &["sentry-trace: {T}-{ours}-1", "baggage: new", "traceparent: 00-{T}-{ours}-03"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "a continued traceparent with its state, copied",
        came_in: &["traceparent: 00-{T}-{S}-03", "tracestate: rojo=1", "tracestate: x=2"],
        outgoing: &["traceparent: 00-{T}-{S}-03", "tracestate: rojo=1", "tracestate: x=2"],
        to_target: &[
            "sentry-trace: {T}-{ours}-1",
            "baggage: new",
            "traceparent: 00-{T}-{ours}-03",
            "tracestate: rojo=1,x=2",
        ],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "the state of a trace that is not continued",
        came_in: &["traceparent: 00-{T}-{S}-1", "tracestate: rojo=1"],
        outgoing: &["traceparent: 00-{T}-{S}-1", "tracestate: rojo=1"],
        to_target: &["sentry-trace: new", "baggage: new", "traceparent: new"],
        to_stranger: &[],
        with_empty_list: &[],
    },
    Row {
        name: "the application's own beside its traceparent",
        came_in: &["sentry-trace: {T}-{S}-1"],
        outgoing: &[OWN, "traceparent: 00-{U}-0000000000000001-00", "tracestate: rojo=1"],
        to_target: &[OWN, "traceparent: 00-{U}-0000000000000001-00", "tracestate: rojo=1"],
        to_stranger: &[OWN, "traceparent: 00-{U}-0000000000000001-00", "tracestate: rojo=1"],
        with_empty_list: &[],
    },
    Row {
        name: "the application's own beside a copied traceparent",
        came_in: &["sentry-trace: {T}-{S}-1"],
        outgoing: &[OWN, "traceparent: 00-{T}-{S}-01"],
        to_target: &[OWN, "traceparent: 00-{U}-0000000000000001-00"],
        to_stranger: &[OWN],
        with_empty_list: &[],
    },
];

/// Compares the headers. For an expected text that ends in `new`, only the text before it is compared.
fn assert_left(map: &HeaderMap, expected: &[&str], row: &str) {
    let found = left(map);
    let is_same = |found: &String, expected: &&str| match expected.strip_suffix("new") {
        Some(beginning) => found.starts_with(beginning) && found.len() > beginning.len(),
        None => found == expected,
    };
    let is_equal = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| is_same(a, b));
    assert!(is_equal, "{row}: found {found:#?}, expected {expected:#?}");
}

#[test]
fn what_leaves() {
    let plain = || Tracer::builder().release("shop@1");
    let tables: [(&str, TracerBuilder, &[Row]); 3] = [
        ("no option", plain(), PLAIN),
        ("accepting", plain().accept_traceparent(true), ACCEPTING),
        ("propagating", plain().accept_traceparent(true).propagate_traceparent(true), PROPAGATING),
    ];
    for (options, builder, rows) in tables {
        let tracer = builder.build().unwrap();
        for row in rows {
            let name = format!("{options}, {}", row.name);
            let context = tracer.continue_trace(&map(row.came_in));
            let send = |options: &InjectOptions<'_>, is_target: bool| {
                let mut outgoing = map(row.outgoing);
                match is_target {
                    true => context.inject_with(options, &mut outgoing),
                    false => context.withhold(Withheld::NotATarget, options, &mut outgoing),
                };
                outgoing
            };
            let usual = tracer.inject_options();
            let silent = InjectOptions { nothing_may_leave: true, ..usual };
            assert_left(&send(&usual, true), row.to_target, &format!("{name}, to a target"));
            assert_left(&send(&usual, false), row.to_stranger, &format!("{name}, to a stranger"));
            assert_left(&send(&silent, false), row.with_empty_list, &format!("{name}, with an empty list"));
        }
    }
}

#[test]
fn where_no_context_is_current_a_valid_header_is_the_applications() {
    let tracer = Tracer::builder().build().unwrap();
    let (valid, unreadable) = ("sentry-trace: {T}-{S}-1", "sentry-trace: {T}-{S}-9");
    let table: [(&[&'static str], &[&str]); 4] = [
        (&[valid, "baggage: sentry-trace_id={T}"], &[valid, "baggage: sentry-trace_id={T}"]),
        (&[unreadable, "baggage: sentry-trace_id={T}"], &[]),
        (&["baggage: sentry-trace_id={T}"], &[]),
        (&["traceparent: 00-{T}-{S}-01"], &["traceparent: 00-{T}-{S}-01"]),
    ];
    for (outgoing, expected) in table {
        let mut request = map(outgoing);
        let options = tracer.inject_options();
        tracer.map_parent(|parent| parent.withhold(Withheld::NotATarget, &options, &mut request));
        let found: Vec<_> = left(&request).iter().map(|line| line.replace("{ours}", "{S}")).collect();
        assert_eq!(found, expected, "{outgoing:?}");
    }
}

#[test]
fn a_trace_started_within_a_request_knows_what_came_in_on_it() {
    let tracer = Tracer::builder().build().unwrap();
    let came_in = map(&["sentry-trace: {T}-{S}-1"]);
    let message = map(&["sentry-trace: {U}-{S}-1"]);
    let started: [&dyn Fn() -> TraceContext; 3] =
        [&|| tracer.start_new_trace(), &|| tracer.continue_trace(&message), &|| {
            tracer.continue_trace(&message).scope(|| tracer.continue_trace(&HeaderMap::new()))
        }];
    for start in started {
        let other = tracer.continue_trace(&came_in).scope(start);
        let mut copied = came_in.clone();
        other.withhold(Withheld::NotATarget, &tracer.inject_options(), &mut copied);
        assert_left(&copied, &[], "a stranger");
    }
}

const SIGNED_BAGGAGE: &str =
    "authorization: AWS4-HMAC-SHA256 Credential=A, SignedHeaders=baggage;host, Signature=00";
const SIGNED_TRACE: &str =
    "authorization: AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host;sentry-trace, Signature=00";
const SIGNED_W3C: &str = r#"signature-input: sig1=("traceparent");created=1"#;

#[test]
fn what_a_signature_names_stays_towards_a_target_and_is_no_excuse_for_a_leak() {
    let trace = "sentry-trace: {T}-{S}-1";
    let context = "baggage: sentry-trace_id={T},sentry-sample_rand=0.5";
    // The headers of a request; the remaining headers and the result for a target, and for another host.
    type Row = (&'static str, Vec<&'static str>, Vec<&'static str>, Injection, Vec<&'static str>, Withheld);
    let injected = |sampling_context| Injection::Injected { sampling_context };
    let table: [Row; 9] = [
        (
            "members of others",
            vec![SIGNED_BAGGAGE, "baggage: tenant=acme"],
            vec!["sentry-trace: {T}-{ours}-1", "baggage: tenant=acme"],
            injected(SentContext::Signed),
            vec!["baggage: tenant=acme"],
            Withheld::NotATarget,
        ),
        (
            "two signed lines",
            vec![SIGNED_BAGGAGE, "baggage: a=1", "baggage: b=2"],
            vec!["sentry-trace: {T}-{ours}-1", "baggage: a=1", "baggage: b=2"],
            injected(SentContext::Signed),
            vec!["baggage: a=1", "baggage: b=2"],
            Withheld::NotATarget,
        ),
        (
            "a copied context",
            vec![SIGNED_BAGGAGE, trace, context],
            vec!["sentry-trace: {T}-{ours}-1", context],
            injected(SentContext::Signed),
            vec![],
            Withheld::SignatureBroken,
        ),
        (
            "a copied trace",
            vec![SIGNED_TRACE, trace, "baggage: x=1"],
            vec![trace, "baggage: x=1,sentry-trace_id={T},sentry-sample_rand=0.5"],
            Injection::Withheld(Withheld::Signed),
            vec!["baggage: x=1"],
            Withheld::SignatureBroken,
        ),
        (
            "an unreadable trace",
            vec![SIGNED_TRACE, "sentry-trace: x"],
            vec!["sentry-trace: x", context],
            Injection::Withheld(Withheld::Signed),
            vec![],
            Withheld::SignatureBroken,
        ),
        (
            "a trace that is named and not there",
            vec![SIGNED_TRACE],
            vec![context],
            Injection::Withheld(Withheld::Signed),
            vec![],
            Withheld::NotATarget,
        ),
        (
            "a copied traceparent",
            vec![SIGNED_W3C, "traceparent: 00-{T}-{S}-01", "tracestate: rojo=1"],
            vec!["sentry-trace: {T}-{ours}-1", context, "traceparent: 00-{T}-{S}-01", "tracestate: rojo=1"],
            injected(SentContext::Complete),
            vec![],
            Withheld::SignatureBroken,
        ),
        (
            "a copied trace with a traceparent that is not signed",
            vec![SIGNED_TRACE, trace, "traceparent: 00-{T}-{S}-01"],
            vec![trace, context, "traceparent: 00-{T}-{S}-01"],
            Injection::Withheld(Withheld::Signed),
            vec![],
            Withheld::SignatureBroken,
        ),
        (
            "others only",
            vec!["authorization: AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host;x-amz-date, Signature=00"],
            vec!["sentry-trace: {T}-{ours}-1", context],
            injected(SentContext::Complete),
            vec![],
            Withheld::NotATarget,
        ),
    ];
    for (name, outgoing, to_target, outcome, to_stranger, reason) in table {
        // A signed copy of a traceparent is not replaced, though the option asks for our own.
        let tracer = Tracer::builder().propagate_traceparent(name.contains("traceparent")).build().unwrap();
        let context = tracer.continue_trace(&map(&[trace, context]));
        let mut request = map(&outgoing);
        assert_eq!(context.inject(&mut request), outcome, "{name}");
        assert_left(&request, &to_target, name);
        let mut request = map(&outgoing);
        let withheld = context.withhold(Withheld::NotATarget, &tracer.inject_options(), &mut request);
        assert_eq!(withheld, Injection::Withheld(reason), "{name}");
        assert_left(&request, &to_stranger, name);
    }
}

#[test]
fn a_presigned_url_names_headers_too() {
    let tracer = Tracer::builder().build().unwrap();
    let mut request = map(&["baggage: tenant=acme"]);
    let query = Some("X-Amz-SignedHeaders=host%3Bbaggage");
    let options = InjectOptions { query, ..tracer.inject_options() };
    let outcome = tracer.start_new_trace().inject_with(&options, &mut request);
    assert_eq!(outcome, Injection::Injected { sampling_context: SentContext::Signed });
    assert_eq!(request["baggage"], "tenant=acme");
}

#[test]
fn what_does_not_fit_is_told() {
    let tracer = Tracer::builder().build().unwrap();
    let context =
        tracer.continue_trace(&map(&["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"]));
    let members = |number: usize| -> HeaderMap {
        let members: Vec<_> = (0..number).map(|number| format!("key{number}=value")).collect();
        HeaderMap::from_iter([(
            TraceHeaderName::Baggage.header_name().clone(),
            members.join(",").parse().unwrap(),
        )])
    };
    for (number, sampling_context) in
        [(63, SentContext::Complete), (64, SentContext::NoRoom), (2000, SentContext::NoRoom)]
    {
        let mut request = members(number);
        let before = request["baggage"].clone();
        assert_eq!(context.inject(&mut request), Injection::Injected { sampling_context }, "{number}");
        assert!(request["baggage"].as_bytes().starts_with(before.as_bytes()), "{number}");
        assert_eq!(request["baggage"] == before, sampling_context == SentContext::NoRoom, "{number}");
    }
}

/// Returns a map that is full and contains these headers.
fn full(lines: &[&'static str]) -> HeaderMap {
    let mut full = map(lines);
    for number in 0.. {
        let name = HeaderName::from_bytes(format!("x-{number}").as_bytes()).unwrap();
        if full.try_append(name, HeaderValue::from_static("x")).is_err() {
            break;
        }
    }
    full
}

#[test]
fn a_full_map_gets_what_it_has_room_for_and_keeps_nothing_stale() {
    let tracer = Tracer::builder().propagate_traceparent(true).build().unwrap();
    let context =
        tracer.continue_trace(&map(&["sentry-trace: {T}-{S}-1", "baggage: sentry-sample_rand=0.5"]));
    let no_room = Injection::Injected { sampling_context: SentContext::NoRoom };
    let table: [(&str, &[&'static str], Injection, &[&str]); 4] = [
        ("nothing", &[], Injection::Withheld(Withheld::CarrierFull), &[]),
        (
            "members of others",
            &["baggage: x=1,sentry-release=old"],
            Injection::Withheld(Withheld::CarrierFull),
            &["baggage: x=1"],
        ),
        ("a copied trace", &["sentry-trace: {T}-{S}-1"], no_room, &["sentry-trace: {T}-{ours}-1"]),
        (
            "all",
            &["sentry-trace: {T}-{S}-1", "baggage: x=1", "traceparent: 00-{T}-{S}-01"],
            Injection::Injected { sampling_context: SentContext::Complete },
            &[
                "sentry-trace: {T}-{ours}-1",
                "baggage: x=1,sentry-sample_rand=0.5",
                "traceparent: 00-{T}-{ours}-01",
            ],
        ),
    ];
    for (name, before, outcome, expected) in table {
        let mut request = full(before);
        assert_eq!(context.inject(&mut request), outcome, "{name}");
        assert_left(&request, expected, name);
    }
}
