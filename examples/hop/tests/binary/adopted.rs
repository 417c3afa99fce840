//! `dsc`: the members of the caller that were adopted, decoded, and nothing of our own.

use serde_json::{Value, json};

use crate::service::{SPAN, Service, TRACE};

async fn dsc(flags: &[&str], flag: &str, baggage: &str) -> Value {
    let sentry_trace = format!("{TRACE}-{SPAN}{flag}");
    Service::start(flags).leaf(&[("sentry-trace", &sentry_trace), ("baggage", baggage)]).await["dsc"].clone()
}

#[tokio::test]
async fn members_are_decoded_and_foreign_ones_left_out() {
    let baggage = "vendor=acme, sentry-release=shop%401.0%2B%C3%BC;property , sentry-environment=a=b, sentry-user=x+y, sentry-empty=, sentry-broken=%zz";
    let expected = json!({ "release": "shop@1.0+ü", "environment": "a=b", "user": "x+y" });
    assert_eq!(dsc(&[], "-1", baggage).await, expected);
}

#[tokio::test]
async fn nothing_is_generated_or_replaced_in_it() {
    let baggage = format!("sentry-trace_id={TRACE},sentry-sample_rate=0.25");
    let expected = json!({ "trace_id": TRACE, "sample_rate": "0.25" });
    for flags in [&[][..], &["--traces-sample-rate=1"][..], &["--sampler=1"][..]] {
        assert_eq!(dsc(flags, "", &baggage).await, expected, "{flags:?}");
    }
}

#[tokio::test]
async fn a_context_of_another_trace_or_organization_is_not_adopted() {
    let other_trace = "sentry-trace_id=00000000000000000000000000000001,sentry-release=1";
    assert_eq!(dsc(&[], "-1", other_trace).await, json!({}));
    assert_eq!(dsc(&["--org-id=1"], "-1", "sentry-org_id=2,sentry-release=1").await, json!({}));
}
