//! `sample_rand` as the real SDKs generate and forward it.

use conformance::{
    Agreement, Case, Override, SPAN, TRACE, baggage, carrier, check, expect, injected, members,
};
use serde::Deserialize;
use serde_json::Value;
use trace_core::{TraceId, Tracer, TransactionName};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Input {
    /// Sentry members came without `sample_rand`.
    Backfill {
        sample_rate: Option<String>,
        flag: Option<String>,
        traces: usize,
        #[serde(default)]
        no_baggage: bool,
        #[serde(default)]
        third_party_only: bool,
    },
    /// A `sample_rand` came in.
    Incoming { sample_rand: String, sample_rate: String, flag: Option<String> },
    /// New traces.
    Head { traces_sample_rate: f64, traces: usize },
}

const OVERRIDES: &[Override] = &[Override {
    decision: 9,
    reason: "only a JSON number in [0, 1) is kept, and only one in [0, 1] is a rate",
    cases: &[
        "sr-6746cd55cb",
        "sr-55391932ab",
        "sr-575529daa1",
        "sr-93deea5ef3",
        "sr-e0044cda92",
        "sr-f1f54a2925",
    ],
}];

#[test]
fn recorded_cases() {
    check(include_str!("../../vectors/sample_rand.json"), OVERRIDES, |case: &Case<Input>| {
        let expected = case.expected();
        match &case.input {
            Input::Backfill { sample_rate, flag, traces, no_baggage, third_party_only } => {
                let numbers = (0..*traces).map(|_| {
                    let trace_id = TraceId::random().to_string();
                    let rate = sample_rate.as_ref().map(|rate| format!(",sentry-sample_rate={rate}"));
                    let sentry = format!("sentry-trace_id={trace_id}{}", rate.unwrap_or_default());
                    let incoming = if *third_party_only { "vendor=1".to_owned() } else { sentry };
                    forwarded(&trace_id, flag.as_deref(), (!no_baggage).then_some(incoming.as_str()))
                });
                let rate = sample_rate.as_deref().and_then(|rate| rate.parse().ok());
                same_numbers(&numbers.collect::<Vec<_>>(), rate, flag.as_deref(), expected)
            }
            Input::Head { traces_sample_rate, traces } => {
                let tracer = Tracer::builder().traces_sample_rate(*traces_sample_rate).build().unwrap();
                let numbers = (0..*traces).map(|_| {
                    let name = || TransactionName::custom("head");
                    let span = tracer.service_span("test", name()).start();
                    sample_rand(&baggage(&injected(span.context())))
                });
                same_numbers(&numbers.collect::<Vec<_>>(), None, None, expected)
            }
            Input::Incoming { sample_rand, sample_rate, flag } => {
                let incoming = format!(
                    "sentry-trace_id={TRACE},sentry-sample_rate={sample_rate},sentry-sample_rand={sample_rand}"
                );
                let sent =
                    forwarded(TRACE, flag.as_deref(), Some(&incoming)).ok_or("sample_rand is absent")?;
                let kept =
                    members(&format!("x={sample_rand}")).first().is_some_and(|(_, came)| *came == sent);
                expect("kept", Some(kept), expected["kept"].as_bool())?;
                match expected["outgoing_sample_rand"].as_str() {
                    Some(text) if kept && case.agreement() == Agreement::Full => {
                        expect("text", sent.as_str(), text)
                    }
                    _ => Ok(()),
                }
            }
        }
    });
}

/// The `sample_rand` that is sent on when this came in.
fn forwarded(trace_id: &str, flag: Option<&str>, incoming: Option<&str>) -> Option<String> {
    let tracer = Tracer::builder().build().unwrap();
    let flag = flag.map(|flag| format!("-{flag}")).unwrap_or_default();
    let sentry_trace = format!("{trace_id}-{SPAN}{flag}");
    let headers = carrier([("sentry-trace", Some(sentry_trace.as_str())), ("baggage", incoming)]);
    sample_rand(&baggage(&injected(&tracer.continue_trace(&headers))))
}

fn sample_rand(baggage: &str) -> Option<String> {
    members(baggage).into_iter().find_map(|(key, value)| (key == "sentry-sample_rand").then_some(value))
}

fn same_numbers(
    texts: &[Option<String>],
    rate: Option<f64>,
    flag: Option<&str>,
    expected: &Value,
) -> Result<(), String> {
    let numbers: Vec<f64> = texts.iter().flatten().map(|text| text.parse().unwrap()).collect();
    expect("present", Some(numbers.len() == texts.len()), expected["present"].as_bool())?;
    let in_range = numbers.iter().all(|number| (0.0..1.0).contains(number));
    expect("all_in_0_1", Some(in_range), expected["all_in_0_1"].as_bool())?;
    if let (Some(rate), Some(flag), Some(consistent)) =
        (rate, flag, expected["consistent_with_rate_and_flag"].as_bool())
    {
        let all = numbers.iter().all(|number| (*number < rate) == (flag == "1"));
        expect("consistent_with_rate_and_flag", all, consistent)?;
    }
    // The SDKs differ in their formatting; ours is the one of the specification.
    let six_digits = |text: &String| text.len() == 8 && text.starts_with("0.");
    expect("six digits", texts.iter().flatten().all(six_digits), true)
}
