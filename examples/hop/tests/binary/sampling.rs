//! `--traces-sample-rate`, `--sampler` and `--inherit-or`.

use crate::service::{SPAN, Service, TRACE, members, parts};

/// What a row expects: the decision, the flag that is sent, the rate that is sent.
type Sent = (Option<bool>, Option<&'static str>, Option<&'static str>);

async fn sent(flags: &[&str], headers: &[(&str, &str)]) -> (Option<bool>, Option<String>, Option<String>) {
    let next = Service::start(&[]);
    let (answer, downstream) = Service::start(flags).hop(&next, "hyper", headers).await;
    let rate = members(&downstream).iter().find_map(|member| member.strip_prefix("sentry-sample_rate="));
    (answer["sampled"].as_bool(), parts(&downstream).2.map(str::to_owned), rate.map(str::to_owned))
}

async fn check(flags: &[&str], headers: &[(&str, &str)], (sampled, flag, rate): Sent) {
    let expected = (sampled, flag.map(str::to_owned), rate.map(str::to_owned));
    assert_eq!(sent(flags, headers).await, expected, "{flags:?} {headers:?}");
}

#[tokio::test]
async fn a_head_decides_as_it_is_told() {
    let table: &[(&[&str], Sent)] = &[
        (&[], (None, None, None)),
        (&["--traces-sample-rate", "1"], (Some(true), Some("1"), Some("1"))),
        (&["--traces-sample-rate=0"], (Some(false), Some("0"), Some("0"))),
        (&["--sampler", "1"], (Some(true), Some("1"), Some("1"))),
        (&["--sampler=0", "--traces-sample-rate=1"], (Some(false), Some("0"), Some("0"))),
        // What is no rate means not sampled, at a rate that cannot be told.
        (&["--sampler", "2"], (Some(false), Some("0"), None)),
        (&["--sampler", "-0.1"], (Some(false), Some("0"), None)),
        (&["--sampler=-0.1"], (Some(false), Some("0"), None)),
        (&["--traces-sample-rate=1", "--ignore-transaction", "/hop"], (Some(false), Some("0"), None)),
        (
            &["--traces-sample-rate=1", "--ignore-transaction=/health", "--ignore-transaction=GET /hop"],
            (Some(false), Some("0"), None),
        ),
        (&["--traces-sample-rate=1", "--ignore-transaction=/HOP"], (Some(true), Some("1"), Some("1"))),
        (&["--sampler", "NaN"], (Some(false), Some("0"), None)),
        (&["--sampler", "-NaN"], (Some(false), Some("0"), None)),
    ];
    for (flags, expected) in table {
        check(flags, &[], *expected).await;
    }
}

#[tokio::test]
async fn samplers_see_the_caller() {
    let of_rate =
        |rate| format!("sentry-trace_id={TRACE},sentry-sample_rand=0.400000,sentry-sample_rate={rate}");
    let without_rate = format!("sentry-trace_id={TRACE},sentry-sample_rand=0.400000");
    let table: &[(&str, &str, &str, Sent)] = &[
        ("parent-rate", "-0", &of_rate("0.45"), (Some(true), Some("1"), Some("0.45"))),
        ("parent-rate", "-1", &of_rate("0.25"), (Some(false), Some("0"), Some("0.25"))),
        ("parent-rate", "-0", &without_rate, (Some(true), Some("1"), Some("0.5"))),
        ("parent-rate", "", &without_rate, (Some(true), Some("1"), Some("0.5"))),
        ("inherit", "-1", &of_rate("0.45"), (Some(true), Some("1"), Some("0.45"))),
        // The flag precedes what rate and number say.
        ("inherit", "-0", &of_rate("0.45"), (Some(false), Some("0"), Some("0"))),
        ("inherit", "-1", &of_rate("0.25"), (Some(true), Some("1"), Some("1"))),
        ("inherit", "-0", &without_rate, (Some(false), Some("0"), Some("0"))),
        ("inherit", "-1", &without_rate, (Some(true), Some("1"), Some("1"))),
        ("inherit", "", &without_rate, (Some(true), Some("1"), Some("0.5"))),
        ("0", "-1", &of_rate("0.45"), (Some(false), Some("0"), Some("0"))),
        ("NaN", "-1", &of_rate("0.45"), (Some(false), Some("0"), Some("0.45"))),
    ];
    for (sampler, flag, baggage, expected) in table {
        let sentry_trace = format!("{TRACE}-{SPAN}{flag}");
        let headers = [("sentry-trace", &*sentry_trace), ("baggage", baggage)];
        check(&["--sampler", sampler], &headers, *expected).await;
    }
}

#[tokio::test]
async fn a_decision_is_inherited_and_new_traces_have_a_rate() {
    let of_rate = format!("sentry-trace_id={TRACE},sentry-sample_rand=0.1,sentry-sample_rate=0.5");
    let vetoed = format!("{TRACE}-{SPAN}-0");
    let headers = [("sentry-trace", &*vetoed), ("baggage", &*of_rate)];
    check(&["--inherit-or", "0.25"], &headers, (Some(false), Some("0"), Some("0"))).await;
    check(&["--inherit-or", "1"], &[], (Some(true), Some("1"), Some("1"))).await;
    check(&["--inherit-or=0"], &[], (Some(false), Some("0"), Some("0"))).await;
}
