//! What leaves: `--dsn`, `--release`, `--environment`, `--org-id`, `--propagate-traceparent`.

use serde_json::Value;

use crate::service::{SPAN, Service, TRACE, members, parts};

#[tokio::test]
async fn a_head_tells_who_it_is() {
    let dsn = "http://key@o17.example.com/42";
    let table: &[(&[&str], &[&str])] = &[
        (&[], &["sentry-environment=production"]),
        (&["--environment", "test lab"], &["sentry-environment=test%20lab"]),
        (&["--release=shop@1.0"], &["sentry-release=shop%401.0"]),
        (&["--org-id=9"], &["sentry-org_id=9"]),
        (&["--dsn", dsn], &["sentry-public_key=key", "sentry-org_id=17"]),
        (&["--dsn", dsn, "--org-id", "9"], &["sentry-public_key=key", "sentry-org_id=9"]),
    ];
    let next = Service::start(&[]);
    for (flags, expected) in table {
        let (answer, downstream) = Service::start(flags).hop(&next, "hyper", &[]).await;
        let members = members(&downstream);
        assert!(expected.iter().all(|member| members.contains(member)), "{flags:?}: {members:?}");
        let trace_id = format!("sentry-trace_id={}", answer["trace_id"].as_str().unwrap());
        assert!(members.contains(&&*trace_id), "{flags:?}: {members:?}");
        assert_eq!(answer["dsc"], serde_json::json!({}), "{flags:?}");
    }
}

#[tokio::test]
async fn what_came_in_leaves_unchanged_without_foreign_members() {
    let next = Service::start(&[]);
    let service =
        Service::start(&["--dsn=http://key@o1.example.com/42", "--release=own", "--environment=own"]);
    let ours = format!(
        "sentry-trace_id={TRACE},sentry-sample_rand=0.123456789,sentry-release=r%2b1,sentry-org_id=1"
    );
    let sentry_trace = format!("{TRACE}-{SPAN}-0");
    for via in ["hyper", "reqwest"] {
        let headers = [("sentry-trace", &*sentry_trace), ("baggage", "vendor=acme"), ("baggage", &*ours)];
        let (answer, downstream) = service.hop(&next, via, &headers).await;
        assert_eq!(downstream["received"]["baggage"], *ours, "{via}");
        let (trace_id, span_id, flag) = parts(&downstream);
        assert_eq!((trace_id, flag), (TRACE, Some("0")), "{via}");
        assert_ne!(span_id, SPAN, "{via}");
        assert_eq!(downstream["parent_span_id"], span_id, "{via}");
        assert_eq!(answer["parent_span_id"], SPAN, "{via}");
    }
}

#[tokio::test]
async fn traceparent_is_sent_only_when_told() {
    let next = Service::start(&[]);
    let headers = [("sentry-trace", &*format!("{TRACE}-{SPAN}-1"))];
    let (_, downstream) = Service::start(&[]).hop(&next, "hyper", &headers).await;
    assert_eq!(downstream["received"]["traceparent"], Value::Null);
    for via in ["hyper", "reqwest"] {
        let (_, downstream) = Service::start(&["--propagate-traceparent"]).hop(&next, via, &headers).await;
        let expected = format!("00-{TRACE}-{}-01", parts(&downstream).1);
        assert_eq!(downstream["received"]["traceparent"], expected, "{via}");
    }
}
