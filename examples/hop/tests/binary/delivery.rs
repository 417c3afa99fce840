//! With a DSN, each sampled request is delivered as one transaction.

use collector::{Answer, Collector};
use serde_json::json;

use crate::service::{SPAN, Service, TRACE};

#[tokio::test]
async fn two_hops_deliver_one_trace_with_the_sampling_context_of_its_head() {
    let collector = Collector::open(Answer::Ok);
    let flags =
        ["--dsn", &collector.dsn, "--release", "hop@7", "--environment", "test", "--sampler", "parent-rate"];
    let (first, second) = (Service::start(&flags), Service::start(&flags));
    let baggage = format!(
        "sentry-trace_id={TRACE},sentry-public_key=head,sentry-sample_rate=1,sentry-sample_rand=0.5,\
         sentry-release=web%407,sentry-replay_id=fd1d1a1d"
    );
    let header = format!("{TRACE}-{SPAN}-1");
    let (status, _) = first
        .get(&format!("/hop?to={}/leaf", second.url), &[("sentry-trace", &header), ("baggage", &baggage)])
        .await;
    assert_eq!(status, 200);

    // Two processes deliver, in whichever order.
    let mut envelopes = [collector.next("transaction"), collector.next("transaction")];
    envelopes.sort_by_key(|envelope| envelope.item["transaction"].to_string());
    let [outer, inner] = envelopes;
    assert_eq!(inner.header["trace"], outer.header["trace"]);
    assert_eq!(
        outer.header["trace"],
        json!({ "trace_id": TRACE, "public_key": "head", "sample_rate": "1", "sample_rand": "0.5",
            "release": "web@7", "replay_id": "fd1d1a1d" })
    );
    for envelope in [&outer, &inner] {
        assert_eq!(envelope.item["contexts"]["trace"]["trace_id"], TRACE);
        assert_eq!(
            (&envelope.item["release"], &envelope.item["environment"]),
            (&json!("hop@7"), &json!("test"))
        );
    }
    assert_eq!(
        (&outer.item["transaction"], &inner.item["transaction"]),
        (&json!("GET /hop"), &json!("GET /leaf"))
    );
    assert_eq!(outer.item["contexts"]["trace"]["parent_span_id"], SPAN);
    let call = &outer.item["spans"][0];
    assert_eq!(call["op"], "http.client");
    assert_eq!(inner.item["contexts"]["trace"]["parent_span_id"], call["span_id"]);
}

#[tokio::test]
async fn a_request_that_is_not_sampled_delivers_nothing() {
    let collector = Collector::open(Answer::Ok);
    let service = Service::start(&["--dsn", &collector.dsn, "--traces-sample-rate", "1"]);
    service.leaf(&[("sentry-trace", &format!("{TRACE}-{SPAN}-0"))]).await;
    // The next one is sampled, and would arrive after it.
    service.leaf(&[("sentry-trace", &format!("{TRACE}-{SPAN}-1"))]).await;
    let delivered = collector.next("transaction").item;
    assert_eq!(delivered["contexts"]["trace"]["parent_span_id"], SPAN);
    assert_eq!(delivered["environment"], "production");
    assert!(collector.arrived().is_empty());
}
