//! Whose traces the real SDKs continue.

use std::collections::BTreeSet;

use conformance::{
    Agreement, Case, Override, TRACE, baggage, carrier, check, expect, flag, injected, members,
};
use serde::Deserialize;
use serde_json::Value;
use trace_core::{Tracer, TransactionName};

#[derive(Deserialize)]
struct Input {
    dsn: String,
    org_id_option: Value,
    strict: bool,
    sentry_trace: Option<String>,
    baggage: Option<String>,
}

const OVERRIDES: &[Override] = &[
    Override {
        decision: 10,
        reason: "an organization is a u64, compared as a number; junk or 0 in a host or a member is none",
        cases: &[
            "sc-0a9502b54c",
            "sc-18a3fd2ae0",
            "sc-1956b65bae",
            "sc-20293c27a4",
            "sc-59b3be6630",
            "sc-5a59d0e84f",
            "sc-81fb00fe7a",
            "sc-959805f0ba",
            "sc-975cc102bb",
            "sc-a381542443",
            "sc-bd152ba0a3",
            "sc-d3e593afac",
            "sc-efc728d6e2",
            "sc-f53752f95d",
        ],
    },
    Override {
        decision: 10,
        reason: "the option is a u64, compared as a number; 0 is an error when the tracer is built",
        cases: &[
            "sc-0f73fac0c5",
            "sc-29b853bd4c",
            "sc-2ac4f96dfc",
            "sc-2b24249bc5",
            "sc-2c9b0516f6",
            "sc-3c55565431",
            "sc-3f0d6d94c8",
            "sc-4da54d9637",
            "sc-57f5d8b929",
            "sc-582c10b408",
            "sc-5bf1f1e833",
            "sc-71b62c84a4",
            "sc-72d6e78bee",
            "sc-a2e86fbfdd",
            "sc-afd7a4b640",
            "sc-ce3ca749f1",
            "sc-e2daf27118",
        ],
    },
];

#[test]
fn recorded_cases() {
    check(include_str!("../../vectors/strict_continuation.json"), OVERRIDES, |case: &Case<Input>| {
        let Input { dsn, org_id_option, strict, sentry_trace, baggage: incoming } = &case.input;
        let mut builder = Tracer::builder().dsn(dsn).release("r").traces_sample_rate(1.0);
        builder = builder.strict_trace_continuation(*strict);
        builder = match org_id_option {
            Value::Null => builder,
            Value::Number(id) => builder.org_id(id.as_u64().ok_or("org_id is no u64")?),
            Value::String(id) => builder.org_id(id.parse().map_err(|_| "org_id is no u64")?),
            other => return Err(format!("{other} cannot be said in Rust")),
        };
        let tracer = builder.build().map_err(|error| error.to_string())?;
        let headers = [("sentry-trace", sentry_trace.as_deref()), ("baggage", incoming.as_deref())];
        let context = tracer.continue_trace(&carrier(headers));
        let span = tracer.service_span("test", TransactionName::custom("strict")).in_trace(context).start();
        let expected = case.expected();
        let continued = span.context().continuation().is_continued();
        expect("continued", Some(continued), expected["continued"].as_bool())?;
        if case.agreement() != Agreement::Full {
            return Ok(());
        }
        let outgoing = injected(span.context());
        let sent = members(&baggage(&outgoing));
        let sent_value =
            |key: &str| sent.iter().find_map(|(found, value)| (found == key).then_some(value.as_str()));
        let parent = span.context().parent_span_id().map(|id| id.to_string());
        let own_trace = span.trace_id().to_string();
        let trace_id = sent_value("sentry-trace_id").map(|id| match id {
            TRACE => "incoming",
            id if id == own_trace => "own new trace",
            _ => "another",
        });
        let keys: BTreeSet<_> = sent.iter().map(|(key, _)| key.trim_start_matches("sentry-")).collect();
        let expected_keys: BTreeSet<String> =
            serde_json::from_value(expected["outgoing_dsc_keys"].clone()).unwrap();
        expect("parent_span_id", parent.as_deref(), expected["parent_span_id"].as_str())?;
        expect("flag", flag(&outgoing).as_deref(), expected["outgoing_flag"].as_str())?;
        expect("org_id", sent_value("sentry-org_id"), expected["outgoing_org_id"].as_str())?;
        expect("trace_id of the context", trace_id, expected["outgoing_dsc_trace_id"].as_str())?;
        expect("keys", keys, expected_keys.iter().map(String::as_str).collect())
    });
}
