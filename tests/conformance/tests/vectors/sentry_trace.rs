//! `sentry-trace` as the real SDKs read it.

use conformance::{Agreement, Case, Override, carrier, check, expect};
use serde::Deserialize;
use trace_core::Tracer;

#[derive(Deserialize)]
struct Input {
    sentry_trace: String,
}

const OVERRIDES: &[Override] = &[
    Override { decision: 1, reason: "hex of either case is an id", cases: &["uppercase"] },
    Override { decision: 1, reason: "a zero id is malformed", cases: &["zero-ids"] },
    Override {
        decision: 1,
        reason: "both ids must be there, with dashes between the parts",
        cases: &[
            "st-0a4669a853",
            "st-12a90ad8e9",
            "st-1c0a32694e",
            "st-21494b8316",
            "st-8b30de9212",
            "st-b8b8e600df",
            "st-decda4bb11",
        ],
    },
    Override {
        decision: 1,
        reason: "of several parts the first valid one counts",
        cases: &["st-7b65cf2121"],
    },
];

#[test]
fn recorded_cases() {
    let tracer = Tracer::builder().build().unwrap();
    check(include_str!("../../vectors/sentry_trace.json"), OVERRIDES, |case: &Case<Input>| {
        let context =
            tracer.continue_trace(&carrier([("sentry-trace", Some(case.input.sentry_trace.as_str()))]));
        let expected = case.expected();
        let accepted = context.continuation().is_continued();
        expect("accepted", Some(accepted), expected["accepted"].as_bool())?;
        if !accepted || case.agreement() != Agreement::Full {
            return Ok(());
        }
        let parent = context.parent_span_id().map(|id| id.to_string());
        expect("trace_id", Some(context.trace_id().to_string().as_str()), expected["trace_id"].as_str())?;
        expect("parent_span_id", parent.as_deref(), expected["parent_span_id"].as_str())?;
        expect("sampled", context.sampled(), expected["sampled"].as_bool())
    });
}
