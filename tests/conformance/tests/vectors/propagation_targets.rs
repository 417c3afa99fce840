//! Which URLs the real SDKs send headers to.

use conformance::{Case, Override, check, expect};
use serde::Deserialize;
use trace_client::{PropagationTargets, Target};

#[derive(Deserialize)]
struct Input {
    kind: Kind,
    targets: Option<Targets>,
    url: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// The SDK's own matcher was asked.
    Match,
    /// A real request was made, to a port that was not known before.
    Live,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    /// The word `default`: the option is not set.
    Word(String),
    List(Vec<Entry>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Entry {
    String { value: String },
    Regex { value: String },
}

const OVERRIDES: &[Override] = &[
    Override {
        decision: 18,
        reason: "only an absolute URL, or a path beside a Host header, matches a list",
        cases: &["pt-0bb52d001d", "pt-194a951e9d", "pt-390e480788", "pt-95b33ccc64", "pt-a5a2e9eac7"],
    },
    Override { decision: 18, reason: "an empty path is `/`", cases: &["pt-73a49da4bd", "pt-b7e70a31a9"] },
    Override {
        decision: 18,
        reason: "the host is in lower case where targets see it",
        cases: &["pt-ae6147e70c"],
    },
    Override {
        decision: 18,
        reason: "a pattern is compiled by the crate regex, which has no look-around",
        cases: &["pt-40058ddb6f"],
    },
    Override {
        decision: 18,
        reason: "a pattern that can match no absolute URL is an error",
        cases: &["pt-33db72e645", "pt-ce8073f3de"],
    },
    Override { decision: 18, reason: "an empty string is an error", cases: &["pt-c1460b7351"] },
];

#[test]
fn recorded_cases() {
    check(include_str!("../../vectors/propagation_targets.json"), OVERRIDES, |case: &Case<Input>| {
        let Input { kind, targets, url } = &case.input;
        let targets = match targets {
            None => PropagationTargets::default(),
            Some(Targets::Word(word)) => {
                expect("targets", word.as_str(), "default")?;
                PropagationTargets::default()
            }
            Some(Targets::List(entries)) => {
                PropagationTargets::new(entries.iter().map(|entry| match entry {
                    Entry::String { value } => Target::substring(with_port(value)),
                    Entry::Regex { value } => Target::regex(with_port(value)),
                }))
                .map_err(|error| error.to_string())?
            }
        };
        let expected = case.expected();
        let expected = if *kind == Kind::Live { &expected["http"] } else { expected };
        let explanation = targets.explain(&with_port(url));
        expect("propagate", Some(explanation.is_match()), expected["propagate"].as_bool())
    });
}

fn with_port(text: &str) -> String {
    text.replace("{P}", "49152")
}
