//! The cases of W3C's own test harness for Trace Context (github.com/w3c/trace-context, folder `test`, level 2, strict
//! level 2), by the names that they have there, held against what a service with both options sends on.
//!
//! The harness is no package, so its inputs and expectations stand here. `hop` answers the harness itself at `/w3c`.

use conformance::carrier;
use http::HeaderMap;
use trace_core::{Continuation, NewTrace, Tracer, wire::Traceparent};

const TRACE: &str = "12345678901234567890123456789012";
const PARENT: &str = "00-12345678901234567890123456789012-1234567890123456-00";

/// What a service sends on that got these headers.
fn sent_on(headers: &[(&'static str, &str)]) -> (Traceparent, Vec<String>) {
    let tracer = Tracer::builder().accept_traceparent(true).propagate_traceparent(true).build().unwrap();
    let context = tracer.continue_trace(&carrier(headers.iter().map(|(name, value)| (*name, Some(*value)))));
    let mut outgoing = HeaderMap::new();
    context.start_span("http.client", "GET").context().inject(&mut outgoing);
    assert_eq!(outgoing.get_all("traceparent").iter().count(), 1, "{headers:?}");
    let parsed = outgoing["traceparent"].to_str().unwrap().parse().unwrap();
    let states = outgoing.get_all("tracestate").iter();
    let members =
        states.flat_map(|line| line.to_str().unwrap().split(',')).map(|member| member.trim().to_owned());
    (parsed, members.collect())
}

/// Checks that a `traceparent` is continued, or not.
fn check(test: &str, values: &[&str], is_continued: bool) {
    for value in values {
        let (sent, _) = sent_on(&[("traceparent", value)]);
        assert_eq!(sent.trace_id.to_string() == TRACE, is_continued, "{test}: {value:?}");
        assert_ne!(sent.span_id.to_string(), "1234567890123456", "{test}: {value:?}");
    }
}

#[test]
fn the_reason_of_a_new_trace_tells_of_a_traceparent_that_is_read() {
    let table: [(&[&str], _); 4] = [
        (&[], NewTrace::NoHeader),
        (&["junk"], NewTrace::MalformedHeader),
        (&[PARENT, PARENT], NewTrace::MalformedHeader),
        (&[""], NewTrace::MalformedHeader),
    ];
    for (lines, reason) in table {
        for (accepts, expected) in [(true, reason), (false, NewTrace::NoHeader)] {
            let tracer = Tracer::builder().accept_traceparent(accepts).build().unwrap();
            let context =
                tracer.continue_trace(&carrier(lines.iter().map(|line| ("traceparent", Some(*line)))));
            assert_eq!(context.continuation(), Continuation::New(expected), "{lines:?} {accepts}");
        }
    }
}

#[test]
fn traceparents_are_continued_or_not() {
    let parts =
        |version: &str, trace: &str, parent: &str, flags: &str| format!("{version}-{trace}-{parent}-{flags}");
    let parent = "1234567890123456";
    let good = parts("00", TRACE, parent, "01");
    let zero_trace = parts("00", &"0".repeat(32), parent, "01");
    let zero_parent = parts("00", TRACE, &"0".repeat(16), "01");
    let [dotted_first, dotted_last] = [format!(".{}", &TRACE[1..]), format!("{}.", &TRACE[..31])];
    let table: &[(&str, &[&str], bool)] = &[
        ("test_traceparent_included_tracestate_missing", &[&good], true),
        (
            "test_traceparent_version_0x00",
            &[&format!("{good}."), &format!("{good}-what-the-future-will-be-like")],
            false,
        ),
        (
            "test_traceparent_version_0xcc",
            &[&parts("cc", TRACE, parent, "01"), &format!("cc{}-what-the-future-will-be-like", &good[2..])],
            true,
        ),
        (
            "test_traceparent_version_0xcc",
            &[&format!("cc{}.what-the-future-will-be-like", &good[2..])],
            false,
        ),
        ("test_traceparent_version_0xff", &[&parts("ff", TRACE, parent, "01")], false),
        (
            "test_traceparent_version_illegal_characters",
            &[&parts(".0", TRACE, parent, "01"), &parts("0.", TRACE, parent, "01")],
            false,
        ),
        (
            "test_traceparent_version_too_long",
            &[&parts("000", TRACE, parent, "01"), &parts("0000", TRACE, parent, "01")],
            false,
        ),
        ("test_traceparent_version_too_short", &[&parts("0", TRACE, parent, "01")], false),
        ("test_traceparent_trace_id_all_zero", &[&zero_trace], false),
        (
            "test_traceparent_trace_id_illegal_characters",
            &[&parts("00", &dotted_first, parent, "01"), &parts("00", &dotted_last, parent, "01")],
            false,
        ),
        ("test_traceparent_trace_id_too_long", &[&parts("00", &format!("{TRACE}3"), parent, "01")], false),
        ("test_traceparent_trace_id_too_short", &[&parts("00", &TRACE[1..], parent, "01")], false),
        ("test_traceparent_parent_id_all_zero", &[&zero_parent], false),
        (
            "test_traceparent_parent_id_illegal_characters",
            &[&parts("00", TRACE, ".234567890123456", "01"), &parts("00", TRACE, "123456789012345.", "01")],
            false,
        ),
        ("test_traceparent_parent_id_too_long", &[&parts("00", TRACE, "12345678901234567", "01")], false),
        ("test_traceparent_parent_id_too_short", &[&parts("00", TRACE, "123456789012345", "01")], false),
        (
            "test_traceparent_trace_flags_illegal_characters",
            &[&parts("00", TRACE, parent, ".0"), &parts("00", TRACE, parent, "0.")],
            false,
        ),
        ("test_traceparent_trace_flags_too_long", &[&parts("00", TRACE, parent, "001")], false),
        ("test_traceparent_trace_flags_too_short", &[&parts("00", TRACE, parent, "1")], false),
        (
            "test_traceparent_ows_handling",
            &[
                &format!(" {good}"),
                &format!("\t{good}"),
                &format!("{good} "),
                &format!("{good}\t"),
                &format!("\t {good} \t"),
            ],
            true,
        ),
        ("test_multiple_requests_with_illegal_traceparent", &[&zero_trace], false),
    ];
    for (test, values, is_continued) in table {
        check(test, values, *is_continued);
    }
    // test_both_traceparent_and_tracestate_missing, test_multiple_requests_without_traceparent
    assert_ne!(sent_on(&[]).0.span_id, sent_on(&[]).0.span_id);
    // test_traceparent_duplicated
    let others = ["00-12345678901234567890123456789011-1234567890123456-01", &good];
    let (sent, _) = sent_on(&others.map(|value| ("traceparent", value)));
    assert!(!others.iter().any(|other| other.contains(&sent.trace_id.to_string())));
    // test_traceparent_header_name; names of any case are one name to the `http` crate.
    for name in ["trace-parent", "trace.parent"] {
        assert_ne!(sent_on(&[(name, &good)]).0.trace_id.to_string(), TRACE);
    }
}

#[test]
fn every_request_of_a_trace_has_a_parent_id_of_its_own() {
    // test_multiple_requests_with_valid_traceparent
    let ids = [(); 3].map(|()| sent_on(&[("traceparent", PARENT)]).0.span_id);
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[test]
fn the_random_flag_is_sent_on() {
    // test_propagates_random_flag
    for (flags, sampled) in [("02", false), ("03", true)] {
        let (sent, _) = sent_on(&[("traceparent", &format!("00-{TRACE}-1234567890123456-{flags}"))]);
        assert_eq!((sent.trace_id.to_string().as_str(), sent.random, sent.sampled), (TRACE, true, sampled));
    }
}

#[test]
fn tracestates_are_sent_on_or_dropped_whole() {
    let key = format!("{}0123456789_-*/", ('a'..='z').collect::<String>());
    let value: String = (' '..='~').filter(|character| !",=".contains(*character)).collect();
    let all = format!("{key}={value}");
    let with_vendor = format!("{key}@a-z0-9_-*/={value}");
    let numbered =
        |last| (1..=last).map(|number| format!("bar{number:02}={number:02}")).collect::<Vec<_>>().join(",");
    let (most, too_many) = (numbered(32), numbered(33));
    let long = |key: String| format!("{key}=1");
    let [longest, too_long] = [256, 257].map(|length| long("z".repeat(length)));
    let vendors = [
        long(format!("{}@{}", "t".repeat(241), "v".repeat(14))),
        long(format!("{}@v", "t".repeat(242))),
        long(format!("t@{}", "v".repeat(15))),
    ];
    let table: Vec<(&str, Vec<&str>, Vec<&str>)> = vec![
        ("test_tracestate_included_traceparent_included", vec!["foo=1,bar=2"], vec!["foo=1", "bar=2"]),
        ("test_tracestate_empty_header", vec![""], vec![]),
        ("test_tracestate_empty_header", vec!["foo=1", ""], vec!["foo=1"]),
        ("test_tracestate_empty_header", vec!["", "foo=1"], vec!["foo=1"]),
        (
            "test_tracestate_multiple_headers_different_keys",
            vec!["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
            vec!["foo=1", "bar=2", "rojo=1", "congo=2", "baz=3"],
        ),
        ("test_tracestate_duplicated_keys", vec!["foo=1,foo=2"], vec!["foo=1", "foo=2"]),
        ("test_tracestate_duplicated_keys", vec!["foo=1", "foo=1"], vec!["foo=1", "foo=1"]),
        ("test_tracestate_all_allowed_characters", vec![&all], vec![&all]),
        ("test_tracestate_all_allowed_characters", vec![&with_vendor], vec![&with_vendor]),
        (
            "test_tracestate_ows_handling",
            vec!["foo=1 \t , \t bar=2, \t baz=3"],
            vec!["foo=1", "bar=2", "baz=3"],
        ),
        ("test_tracestate_ows_handling", vec!["\t foo=1 \t"], vec!["foo=1"]),
        ("test_tracestate_key_illegal_characters", vec!["foo =1"], vec![]),
        ("test_tracestate_key_illegal_characters", vec!["FOO=1"], vec![]),
        ("test_tracestate_key_illegal_characters", vec!["foo.bar=1"], vec![]),
        ("test_tracestate_key_illegal_vendor_format", vec!["foo@=1,bar=2"], vec!["foo@=1", "bar=2"]),
        ("test_tracestate_key_illegal_vendor_format", vec!["@foo=1,bar=2"], vec![]),
        ("test_tracestate_key_illegal_vendor_format", vec!["foo@@bar=1,bar=2"], vec!["foo@@bar=1", "bar=2"]),
        ("test_tracestate_member_count_limit", vec![&most], most.split(',').collect()),
        ("test_tracestate_member_count_limit", vec![&too_many], vec![]),
        ("test_tracestate_key_length_limit", vec!["foo=1", &longest], vec!["foo=1", &longest]),
        ("test_tracestate_key_length_limit", vec!["foo=1", &too_long], vec![]),
        ("test_tracestate_key_length_limit", vec![&vendors[0]], vec![&vendors[0]]),
        ("test_tracestate_key_length_limit", vec![&vendors[1]], vec![&vendors[1]]),
        ("test_tracestate_key_length_limit", vec![&vendors[2]], vec![&vendors[2]]),
        ("test_tracestate_value_illegal_characters", vec!["foo=bar=baz"], vec![]),
        ("test_tracestate_value_illegal_characters", vec!["foo=,bar=3"], vec![]),
    ];
    for (test, states, expected) in table {
        let mut headers = vec![("traceparent", PARENT)];
        headers.extend(states.iter().map(|state| ("tracestate", *state)));
        let (sent, members) = sent_on(&headers);
        assert_eq!(sent.trace_id.to_string(), TRACE, "{test}: {states:?}");
        assert_eq!(members, expected, "{test}: {states:?}");
    }
    // test_tracestate_included_traceparent_missing, and the state of a trace that is not continued
    for parent in [None, Some("00-x")] {
        let parent = parent.map(|value| ("traceparent", value));
        let headers: Vec<_> = parent.into_iter().chain([("tracestate", "foo=1")]).collect();
        assert!(sent_on(&headers).1.is_empty(), "{headers:?}");
    }
    // test_tracestate_header_name
    for name in ["trace-state", "trace.state"] {
        assert!(sent_on(&[("traceparent", PARENT), (name, "foo=1")]).1.is_empty());
    }
}
