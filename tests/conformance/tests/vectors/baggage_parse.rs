//! The dynamic sampling context as the real SDKs read it from `baggage`.

use std::collections::BTreeMap;

use conformance::{Case, Override, SPAN, TRACE, carrier, check, expect};
use serde::Deserialize;
use trace_core::Tracer;

#[derive(Deserialize)]
struct Input {
    baggage: Lines,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Lines {
    One(String),
    Several(Vec<String>),
}

const OVERRIDES: &[Override] = &[
    Override { decision: 2, reason: "keys are never percent-decoded", cases: &["percent-keys"] },
    Override {
        decision: 2,
        reason: "properties are stripped from a member, also behind a quote",
        cases: &[
            "bp-11c198b6ee",
            "bp-6187d411bb",
            "bp-93afae87b9",
            "bp-aa37d73f63",
            "bp-dee60117a1",
            "bp-e392b97f30",
            "bp-efa603a326",
        ],
    },
    Override {
        decision: 3,
        reason: "keys that are no tokens are not read",
        cases: &["bp-39e130b271", "bp-4fa7eac689"],
    },
    Override {
        decision: 7,
        reason: "a context whose trace_id is no id, so not that of the header, is dropped whole",
        cases: &["bp-24d7bbd879"],
    },
];

#[test]
fn recorded_cases() {
    let tracer = Tracer::builder().build().unwrap();
    check(include_str!("../../vectors/baggage_parse.json"), OVERRIDES, |case: &Case<Input>| {
        let lines = match &case.input.baggage {
            Lines::One(line) => std::slice::from_ref(line),
            Lines::Several(lines) => lines,
        };
        let expected = &case.expected()["dsc"];
        // The SDKs' parser was asked alone; ours belongs to a trace, so it is asked about the trace of the case.
        let trace_id = expected["trace_id"].as_str().filter(|id| id.len() == TRACE.len()).unwrap_or(TRACE);
        let sentry_trace = format!("{trace_id}-{SPAN}-1");
        let mut headers = vec![("sentry-trace", Some(sentry_trace.as_str()))];
        headers.extend(lines.iter().map(|line| ("baggage", Some(line.as_str()))));
        let context = tracer.continue_trace(&carrier(headers));
        let received = context.received_sampling_context().unwrap();
        let received: BTreeMap<_, _> =
            received.iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let expected: BTreeMap<String, String> = serde_json::from_value(expected.clone()).unwrap_or_default();
        let expected = expected.iter().map(|(key, value)| (key.as_str(), value.as_str().into())).collect();
        expect("dsc", received, expected)
    });
}
