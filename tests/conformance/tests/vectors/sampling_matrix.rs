//! Who decides about sampling in the real SDKs, and what they send on.

use std::collections::{BTreeMap, BTreeSet};

use conformance::{
    Agreement, Case, Override, TRACE, baggage, carrier, check, expect, flag, injected, matches, members,
};
use serde::Deserialize;
use serde_json::Value;
use trace_core::{InMemorySink, SamplingContext, TraceId, Tracer, TracerBuilder, TransactionName};

#[derive(Deserialize)]
struct Input {
    headers: Headers,
    traces_sample_rate: Value,
    sampler: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Headers {
    sentry_trace: Option<String>,
    baggage: Option<String>,
}

/// What one run did, in the words of the vectors.
#[derive(Debug, PartialEq)]
struct Run {
    continued: bool,
    parent_span_id: Option<String>,
    span_recorded: bool,
    outgoing_flag: Option<String>,
    outgoing_dsc: BTreeMap<String, String>,
}

/// The recording made 24; so many that what varies surely does.
const RUNS: usize = 100;

const OVERRIDES: &[Override] = &[
    Override {
        decision: 6,
        reason: "the sample_rand of a head is sent on without a decision too",
        cases: &["sm-967c07d819", "sm-b02896a89e", "sm-ecb8a6cc03"],
    },
    Override {
        decision: 7,
        reason: "a context of another trace is dropped whole",
        cases: &["sm-716ad9f438", "sm-5096804023"],
    },
    Override {
        decision: 12,
        reason: "flag 1 without a usable rate counts as rate 1",
        cases: &["sm-4552605920", "sm-a9087c4631"],
    },
    Override {
        decision: 12,
        reason: "a bad rate is an error when the tracer is built",
        cases: &[
            "sm-0d231c6d6b",
            "sm-27486e80a9",
            "sm-778869e374",
            "sm-89ad8bb088",
            "sm-bd9819736a",
            "sm-e1fc12c661",
            "sm-e4d4d85c2b",
        ],
    },
    Override {
        decision: 12,
        reason: "a sampler that answers nothing leaves the decision to the parent and the rate",
        cases: &["sm-0c67f6f663", "sm-ac6336b692"],
    },
    Override { decision: 12, reason: "a panic of the sampler is the caller's", cases: &["sm-963450be33"] },
];

#[test]
fn recorded_cases() {
    check(include_str!("../../vectors/sampling_matrix.json"), OVERRIDES, |case: &Case<Input>| {
        let runs = (0..RUNS).map(|_| run(&case.input)).collect::<Result<Vec<_>, _>>()?;
        let expected = case.expected();
        for run in &runs {
            expect("continued", Some(run.continued), expected["continued"].as_bool())?;
            if expected["span_recorded"] != "<varies>" {
                expect("span_recorded", Some(run.span_recorded), expected["span_recorded"].as_bool())?;
            }
            if expected["outgoing_flag"] != "<varies>" {
                expect("flag", run.outgoing_flag.as_deref(), expected["outgoing_flag"].as_str())?;
            }
        }
        for field in ["span_recorded", "outgoing_flag"].iter().filter(|field| expected[field] == "<varies>") {
            let both: BTreeSet<_> = runs.iter().map(|run| run.span_recorded).collect();
            expect(field, both.len(), 2)?;
        }
        if case.agreement() == Agreement::Full {
            runs.iter().try_for_each(|run| same_outgoing(run, expected))?;
        }
        Ok(())
    });
}

fn same_outgoing(run: &Run, expected: &Value) -> Result<(), String> {
    expect("parent_span_id", run.parent_span_id.as_deref(), expected["parent_span_id"].as_str())?;
    let dsc: BTreeMap<String, String> = serde_json::from_value(expected["outgoing_dsc"].clone()).unwrap();
    expect("keys", run.outgoing_dsc.keys().collect::<Vec<_>>(), dsc.keys().collect())?;
    for (key, value) in &dsc {
        if !matches(value, &run.outgoing_dsc[key]) {
            expect(key, &run.outgoing_dsc[key], value)?;
        }
    }
    Ok(())
}

fn run(input: &Input) -> Result<Run, String> {
    let sink = InMemorySink::default();
    let mut builder = Tracer::builder()
        .dsn("https://49d0f7386ad645858ae85020e393bef3@o1.ingest.sentry.io/42")
        .release("rel@1")
        .environment("env")
        .sink(sink.clone());
    builder = match &input.traces_sample_rate {
        Value::Null => builder,
        Value::Number(rate) => builder.traces_sample_rate(rate.as_f64().unwrap()),
        Value::String(rate) => builder.traces_sample_rate(rate.parse().unwrap()),
        // A rate is a number here; this is the number meant.
        Value::Bool(all) => builder.traces_sample_rate(if *all { 1.0 } else { 0.0 }),
        other => return Err(format!("{other} cannot be said in Rust")),
    };
    builder = with_sampler(builder, input.sampler.as_deref())?;
    let tracer = builder.build().map_err(|error| error.to_string())?;

    // Another trace in each run, as in the recording.
    let trace_id = TraceId::random().to_string();
    let replaced = |text: &Option<String>| text.as_ref().map(|text| text.replace(TRACE, &trace_id));
    let (sentry_trace, incoming) = (replaced(&input.headers.sentry_trace), replaced(&input.headers.baggage));
    let headers = [("sentry-trace", sentry_trace.as_deref()), ("baggage", incoming.as_deref())];
    let context = tracer.continue_trace(&carrier(headers));
    let span = tracer.service_span("test", TransactionName::custom("/matrix")).in_trace(context).start();
    let outgoing = injected(span.context());
    let run = Run {
        continued: span.trace_id().to_string() == trace_id,
        parent_span_id: span.context().parent_span_id().map(|id| id.to_string()),
        span_recorded: span.is_recording(),
        outgoing_flag: flag(&outgoing),
        outgoing_dsc: members(&baggage(&outgoing))
            .into_iter()
            .map(|(key, value)| (key.replace("sentry-", ""), value.replace(&trace_id, TRACE)))
            .collect(),
    };
    drop(span);
    expect("delivered", !sink.take().is_empty(), run.span_recorded)?;
    Ok(run)
}

fn with_sampler(builder: TracerBuilder, sampler: Option<&str>) -> Result<TracerBuilder, String> {
    Ok(match sampler {
        None => builder,
        Some("parentSampleRate") => {
            builder.traces_sampler(|context| context.parent_sample_rate().or(Some(0.5)))
        }
        Some("inherit") => {
            builder.traces_sampler(|context: &SamplingContext<'_>| Some(context.inherit_or(0.5)))
        }
        Some("null") => builder.traces_sampler(|_| None),
        // A rate is a number here; these are the numbers meant.
        Some("true") => builder.traces_sampler(|_| Some(1.0)),
        Some("false") => builder.traces_sampler(|_| Some(0.0)),
        Some("throws") => return Err("a panic of the sampler is the caller's".to_owned()),
        Some(number) => {
            let rate: f64 = number.parse().map_err(|_| format!("{number} cannot be said in Rust"))?;
            builder.traces_sampler(move |_| Some(rate))
        }
    })
}
