//! `/health` and `/leaf`.

use serde_json::{Value, json};

use crate::service::{SPAN, Service, TRACE};

#[tokio::test]
async fn health() {
    assert_eq!(Service::start(&[]).get("/health", &[]).await, (200, json!({ "ok": true })));
}

#[tokio::test]
async fn a_head_has_no_parent_and_received_nothing() {
    let body = Service::start(&[]).leaf(&[]).await;
    assert_eq!(body["service"], "hop");
    assert_eq!(body["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(body["span_id"].as_str().unwrap().len(), 16);
    assert!(body["continuation"].as_str().unwrap().starts_with("new"));
    for absent in [
        "/parent_span_id",
        "/sampled",
        "/received/sentry-trace",
        "/received/baggage",
        "/received/traceparent",
        "/received/tracestate",
    ] {
        assert_eq!(body.pointer(absent), Some(&Value::Null), "{absent}");
    }
    assert_eq!(body["dsc"], json!({}));
}

#[tokio::test]
async fn a_recorded_request_tells_what_it_is_called() {
    let body =
        Service::start(&["--traces-sample-rate=1"]).leaf(&[("content-type", "application/grpc")]).await;
    assert_eq!((&body["name"], &body["name_source"]), (&json!("GET /leaf"), &json!("route")));
    assert_eq!(body["status"], Value::Null, "nobody knows yet");
    let body = Service::start(&[]).leaf(&[]).await;
    assert_eq!((&body["name"], &body["name_source"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_continued_trace_has_the_callers_span_as_parent() {
    let sentry_trace = format!("{TRACE}-{SPAN}-1");
    let body = Service::start(&[]).leaf(&[("sentry-trace", &sentry_trace)]).await;
    assert_eq!(body["trace_id"], TRACE);
    assert_eq!(body["parent_span_id"], SPAN);
    assert_ne!(body["span_id"], SPAN);
    assert_eq!(body["sampled"], true);
    assert!(body["continuation"].as_str().unwrap().starts_with("continued"));
    assert_eq!(
        body["received"],
        json!({ "sentry-trace": sentry_trace, "baggage": null, "traceparent": null, "tracestate": null })
    );
}

#[tokio::test]
async fn received_shows_all_lines_and_marks_what_is_no_utf8() {
    let headers = [
        ("baggage", "a=1"),
        ("baggage", "b=\u{ff}"),
        ("baggage", "c=\u{c3}\u{bc}"),
        ("sentry-trace", "first"),
        ("sentry-trace", "second"),
        ("traceparent", ""),
    ];
    let body = Service::start(&[]).leaf(&headers).await;
    let expected = json!({ "sentry-trace": "first, second", "baggage": "a=1, b=\u{fffd}, c=ü", "traceparent": "", "tracestate": null });
    assert_eq!(body["received"], expected);
}
