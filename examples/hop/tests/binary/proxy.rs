//! `/proxy` and `/w3c`.

use serde_json::{Value, json};

use crate::service::{SPAN, Service, TRACE, encoded};

const OTHER: &str = "0123456789abcdef0123456789abcdef";

impl Service {
    /// What the next service received from this one, which copied the headers.
    async fn proxy(&self, next: &Self, more: &str, headers: &[(&str, &str)]) -> Value {
        let path = format!("/proxy?to={}{more}", encoded(&format!("{}/leaf", next.url)));
        let (status, body) = self.get(&path, headers).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["service"], "hop");
        body["downstream"]["body"]["received"].clone()
    }
}

#[tokio::test]
async fn nothing_that_came_in_reaches_a_stranger() {
    let next = Service::start(&[]);
    let stranger = Service::start(&["--target", "host:elsewhere.test"]);
    let none = Service::start(&["--no-targets"]);
    let [valid, other, unreadable] =
        [format!("{TRACE}-{SPAN}-1"), format!("{OTHER}-{SPAN}-1"), format!("{TRACE}-{SPAN}-9")];
    let members = format!("sentry-trace_id={TRACE},tenant=acme");
    let w3c = format!("00-{TRACE}-{SPAN}-01");
    let table: [&[(&str, &str)]; 5] = [
        &[("sentry-trace", &valid), ("baggage", &members), ("traceparent", &w3c), ("tracestate", "rojo=1")],
        &[("sentry-trace", &unreadable), ("baggage", &members)],
        &[("baggage", &members)],
        &[("sentry-trace", &valid), ("sentry-trace", &other), ("baggage", &members)],
        &[("sentry-trace", &other), ("sentry-trace", &valid), ("baggage", "tenant=acme")],
    ];
    for headers in table {
        for service in [&stranger, &none] {
            for more in ["", "&copy=append", "&via=reqwest", "&copy=append&via=reqwest"] {
                let received = service.proxy(&next, more, headers).await;
                let expected = json!({
                    "sentry-trace": null, "baggage": "tenant=acme", "traceparent": null, "tracestate": null
                });
                assert_eq!(received, expected, "{more} {headers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_target_gets_one_trace() {
    let next = Service::start(&[]);
    let service = Service::start(&[]);
    let [valid, other] = [format!("{TRACE}-{SPAN}-1"), format!("{OTHER}-{SPAN}-1")];
    for more in ["&copy=insert", "&copy=append", "&copy=append&via=reqwest"] {
        let headers =
            [("sentry-trace", &*valid), ("sentry-trace", &*other), ("x-other", "1"), ("x-other", "2")];
        let received = service.proxy(&next, more, &headers).await;
        let line = received["sentry-trace"].as_str().unwrap();
        assert!(line.starts_with(TRACE) && !line.contains(SPAN) && !line.contains(','), "{more}: {line}");
    }
}

#[tokio::test]
async fn the_harness_of_w3c_is_called_back_within_the_trace() {
    let next = Service::start(&[]);
    let service = Service::start(&["--accept-traceparent", "--propagate-traceparent"]);
    let callback = json!([{ "url": format!("{}/w3c", next.url), "arguments": [] }]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |body: String| {
        let request = client.post(format!("{}/w3c", service.url)).header("content-type", "application/json");
        request
            .header("traceparent", format!("00-{TRACE}-{SPAN}-03"))
            .header("tracestate", "rojo=1")
            .body(body)
            .send()
    };
    let answer = post(callback.to_string()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body, json!([{ "status": 200, "body": [] }]));
    for bad in ["", "{}", "[1]", r#"[{"url":"ftp://a"}]"#] {
        assert!(post(bad.to_owned()).await.unwrap().status().is_client_error(), "{bad}");
    }
}

#[tokio::test]
async fn bad_parameters_are_bad_requests() {
    let service = Service::start(&[]);
    for query in ["", "?to=x", "?to=http://127.0.0.1&copy=both", "?to=http://127.0.0.1&via=pigeon"] {
        assert_eq!(service.get(&format!("/proxy{query}"), &[]).await.0, 400, "{query}");
    }
}
