//! `baggage` as the real SDKs write it.

use std::collections::BTreeMap;

use conformance::{
    Agreement, Case, Override, SPAN, TRACE, baggage, carrier, check, expect, flag, injected, matches, members,
};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use trace_core::{DynamicSamplingContext, TraceContext, Tracer, TransactionName};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Input {
    /// A dynamic sampling context is written.
    Serialize { dsc: Vec<(String, String)> },
    /// The head of a trace writes its own.
    Head { options: Options },
    /// Members are added to a header of the application.
    Merge { existing: String, sentry: String },
    /// The same on a real request.
    MergeLive { existing: String, existing_sentry_trace: Option<String> },
}

#[derive(Deserialize)]
struct Options {
    dsn: String,
    org_id: Option<String>,
    release: Option<String>,
    environment: Option<String>,
    transaction: String,
    source: String,
    rate: Option<f64>,
}

const OVERRIDES: &[Override] = &[
    Override {
        decision: 3,
        reason: "members of others stay byte for byte, duplicates too",
        cases: &["be-6de1877167"],
    },
    Override {
        decision: 3,
        reason: "at most 64 members leave; beside 64 of others, or of the caller and our sample_rand, the last ones fall",
        cases: &["be-32a978476d", "be-611a42801f", "be-cf2d575a20"],
    },
    Override {
        decision: 7,
        reason: "a trace_id that is no id belongs to no trace",
        cases: &["be-27f9d4c612"],
    },
];

#[test]
fn recorded_cases() {
    check(include_str!("../../vectors/baggage_emit.json"), OVERRIDES, |case: &Case<Input>| {
        let expected = case.expected();
        match &case.input {
            Input::Serialize { dsc } => serialize(case, dsc),
            Input::Head { options } => head(options, expected),
            Input::Merge { existing, sentry } => merge(case, existing, sentry),
            Input::MergeLive { existing, existing_sentry_trace } => {
                merge_live(existing, existing_sentry_trace.as_deref(), &expected["http"])
            }
        }
    });
}

fn serialize(case: &Case<Input>, dsc: &[(String, String)]) -> Result<(), String> {
    let expected = case.expected()["header"].as_str();
    let written = match dsc {
        [] => DynamicSamplingContext::default().as_baggage().map(|text| text.to_str().unwrap().to_owned()),
        // What encodes a value of ours is seen where a value of ours is written: at the head of a trace.
        [(key, value)] if key == "release" && case.stratum == "serialize-values" => {
            let tracer = Tracer::builder().release(value).build().unwrap();
            let header = baggage(&injected(&tracer.start_new_trace()));
            header.split(',').find(|member| member.starts_with("sentry-release=")).map(str::to_owned)
        }
        // All other members only pass through.
        _ => Some(forwarded(expected.unwrap_or_default(), &HeaderMap::new())),
    };
    same_header(case.agreement(), written.as_deref(), expected)
}

fn head(options: &Options, expected: &Value) -> Result<(), String> {
    let headers = injected(&started(options)?);
    same_members(&baggage(&headers), &expected["pairs"])?;
    match (flag(&headers), expected["flag"].as_str()) {
        (Some(flag), Some(expected)) if matches(expected, &flag) => Ok(()),
        (flag, expected) => expect("flag", flag.as_deref(), expected),
    }
}

fn merge(case: &Case<Input>, existing: &str, sentry: &str) -> Result<(), String> {
    let existing = carrier([("baggage", Some(existing))]);
    let written = forwarded(sentry, &existing);
    same_header(case.agreement(), Some(written.as_str()), case.expected()["header"].as_str())
}

fn merge_live(existing: &str, sentry_trace: Option<&str>, expected: &Value) -> Result<(), String> {
    let mut headers = carrier([("baggage", Some(existing)), ("sentry-trace", sentry_trace)]);
    let options = Options {
        dsn: format!("https://{KEY}@o1.ingest.sentry.io/42"),
        org_id: None,
        release: Some("r".into()),
        environment: Some("e".into()),
        transaction: "live".into(),
        source: "custom".into(),
        rate: Some(1.0),
    };
    started(&options)?.inject(&mut headers);
    let lines = headers.get_all("sentry-trace").iter().count() as u64;
    expect("sentry_trace_lines", Some(lines), expected["sentry_trace_lines"].as_u64())?;
    let pairs = members(expected["baggage_lines"][0].as_str().unwrap());
    same_members(&baggage(&headers), &serde_json::to_value(pairs).unwrap())
}

const KEY: &str = "49d0f7386ad645858ae85020e393bef3";

/// The context of a transaction with these options, at the head of its trace.
fn started(options: &Options) -> Result<TraceContext, String> {
    let mut builder = Tracer::builder().dsn(&options.dsn);
    builder = match &options.org_id {
        Some(id) => builder.org_id(id.parse().map_err(|_| "org_id is no number")?),
        None => builder,
    };
    if let Some(release) = &options.release {
        builder = builder.release(release);
    }
    if let Some(environment) = &options.environment {
        builder = builder.environment(environment);
    }
    if let Some(rate) = options.rate {
        builder = builder.traces_sample_rate(rate);
    }
    let tracer = builder.build().map_err(|error| error.to_string())?;
    let name = options.transaction.clone();
    let name =
        if options.source == "url" { TransactionName::url(name) } else { TransactionName::custom(name) };
    Ok(tracer.service_span("test", name).start().context().clone())
}

/// What comes out when these members come in, beside what is on the request already.
fn forwarded(incoming: &str, existing: &HeaderMap) -> String {
    // Without a `sample_rand` we would add one.
    let added = if incoming.contains("sentry-sample_rand") { "" } else { ",sentry-sample_rand=0.5" };
    let sentry_trace = format!("{}-{SPAN}-1", trace_of(incoming));
    let incoming = format!("{incoming}{added}");
    let tracer = Tracer::builder().build().unwrap();
    let headers = [("sentry-trace", Some(sentry_trace.as_str())), ("baggage", Some(incoming.as_str()))];
    let mut outgoing = existing.clone();
    tracer.continue_trace(&carrier(headers)).inject(&mut outgoing);
    let written = baggage(&outgoing);
    written.strip_suffix(added).unwrap_or(&written).to_owned()
}

fn trace_of(baggage: &str) -> String {
    let trace_id = members(baggage).into_iter().find(|(key, _)| key == "sentry-trace_id");
    trace_id.map_or(TRACE.to_owned(), |(_, id)| id)
}

fn same_header(agreement: Agreement, written: Option<&str>, expected: Option<&str>) -> Result<(), String> {
    match agreement {
        Agreement::Full => expect("header", written, expected),
        _ => expect("pairs", written.map(members), expected.map(members)),
    }
}

/// Compares members without regard to their order, since the SDKs differ in it.
fn same_members(written: &str, expected: &Value) -> Result<(), String> {
    let expected: BTreeMap<String, String> =
        serde_json::from_value::<Vec<(String, String)>>(expected.clone()).unwrap().into_iter().collect();
    let written: BTreeMap<_, _> = members(written).into_iter().collect();
    expect("keys", written.keys().collect::<Vec<_>>(), expected.keys().collect())?;
    for (key, value) in &expected {
        if !matches(value, &written[key]) {
            expect(key, &written[key], value)?;
        }
    }
    Ok(())
}
