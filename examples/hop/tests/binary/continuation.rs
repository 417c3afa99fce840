//! Which traces are continued: `--strict`, `--org-id`, the organization of `--dsn`, `--accept-traceparent`.

use crate::service::{SPAN, Service, TRACE};

#[tokio::test]
async fn organizations() {
    let of_dsn = "--dsn=https://key@o1.ingest.example.com/42";
    let table = [
        (vec![], None, "continued"),
        (vec![], Some("1"), "continued"),
        (vec!["--org-id=1"], None, "continued"),
        (vec!["--org-id=1"], Some("1"), "continued"),
        (vec!["--org-id=1"], Some("2"), "new"),
        (vec![of_dsn], Some("1"), "continued"),
        (vec![of_dsn], Some("2"), "new"),
        (vec![of_dsn, "--org-id", "2"], Some("2"), "continued"),
        (vec!["--strict"], None, "continued"),
        (vec!["--strict"], Some("1"), "new"),
        (vec!["--strict", "--org-id", "1"], None, "new"),
        (vec!["--strict", "--org-id", "1"], Some("1"), "continued"),
        (vec!["--strict", "--org-id", "1"], Some("2"), "new"),
    ];
    for (flags, theirs, expected) in table {
        let service = Service::start(&flags);
        let baggage = match theirs {
            Some(id) => format!("sentry-trace_id={TRACE},sentry-org_id={id}"),
            None => format!("sentry-trace_id={TRACE}"),
        };
        let body =
            service.leaf(&[("sentry-trace", &format!("{TRACE}-{SPAN}-1")), ("baggage", &baggage)]).await;
        let row = format!("{flags:?}, caller {theirs:?}: {body}");
        assert!(body["continuation"].as_str().unwrap().starts_with(expected), "{row}");
        assert_eq!(body["trace_id"] == TRACE, expected == "continued", "{row}");
        assert_eq!(body["parent_span_id"] == SPAN, expected == "continued", "{row}");
    }
}

#[tokio::test]
async fn malformed_headers_start_a_new_trace() {
    let service = Service::start(&[]);
    for header in
        ["", "-", "1", TRACE, "junk", &format!("{TRACE}-{SPAN}-2"), &format!("00-{TRACE}-{SPAN}-01")]
    {
        let body = service.leaf(&[("sentry-trace", header), ("baggage", "sentry-release=1")]).await;
        assert!(body["continuation"].as_str().unwrap().starts_with("new"), "{header}: {body}");
        assert_eq!(body["dsc"], serde_json::json!({}), "{header}");
    }
}

#[tokio::test]
async fn traceparent_is_accepted_only_when_told() {
    let traceparent = format!("00-{TRACE}-{SPAN}-01");
    for (flags, expected) in [(&[][..], "new"), (&["--accept-traceparent"][..], "continued")] {
        let body = Service::start(flags).leaf(&[("traceparent", &traceparent)]).await;
        assert!(body["continuation"].as_str().unwrap().starts_with(expected), "{body}");
        assert_eq!(body["received"]["traceparent"], traceparent);
    }
}
