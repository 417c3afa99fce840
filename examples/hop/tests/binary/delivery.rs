//! With a DSN, each sampled request is delivered as one transaction.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use collector::{Answer, Collector, Envelope};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::service::{SPAN, Service, TRACE, encoded, request};

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
async fn services_of_both_lifecycles_deliver_one_trace() {
    let collector = Collector::open(Answer::Ok);
    let flags = ["--dsn", &collector.dsn, "--sampler", "parent-rate"];
    let baggage = format!("sentry-trace_id={TRACE},sentry-public_key=head,sentry-sample_rate=1");
    let headers = [("sentry-trace", &*format!("{TRACE}-{SPAN}-1")), ("baggage", &*baggage)];
    for lifecycles in [["stream", "static"], ["static", "stream"], ["stream", "stream"]] {
        let start = |lifecycle| Service::start(&[&flags[..], &["--trace-lifecycle", lifecycle]].concat());
        let [first, second] = lifecycles.map(start);
        first.hop(&second, "hyper", &headers).await;
        // Two processes deliver, in whichever order.
        let envelopes = [(); 2].map(|()| collector.next_of(&["span", "transaction"]));
        let mut spans: Vec<_> = envelopes.iter().flat_map(spans).collect();
        assert!(envelopes.iter().all(|envelope| envelope.header["trace"] == envelopes[0].header["trace"]));
        // A request, its call, and the request that this is.
        spans.sort_by_key(|(_, parent)| parent != SPAN);
        let call = spans.iter().find(|(_, parent)| *parent == spans[0].0).unwrap();
        let called = spans.iter().find(|(_, parent)| *parent == call.0);
        assert!(spans.len() == 3 && called.is_some(), "{lifecycles:?}: {spans:?}");
    }
}

/// Returns the ids of the spans in an envelope, and those of their parents.
fn spans(envelope: &Envelope) -> Vec<(String, String)> {
    let root = &envelope.item["contexts"]["trace"];
    let lists = [&envelope.item["spans"], &envelope.item["items"]];
    let spans = lists.into_iter().filter_map(Value::as_array).flatten();
    let ids = |span: &Value| ["span_id", "parent_span_id"].map(|key| span[key].as_str().unwrap().to_owned());
    spans.chain((!root.is_null()).then_some(root)).map(ids).map(Into::into).collect()
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

#[tokio::test]
async fn a_transaction_is_complete_a_second_after_the_last_byte_of_the_answer() {
    let collector = Collector::open(Answer::Ok);
    let service = Service::start(&["--dsn", &collector.dsn, "--traces-sample-rate", "1"]);
    let next = Service::start(&[]);
    let to = encoded(&format!("{}/leaf", next.url));
    let table = [
        ("/leaf".to_owned(), 0, 0.0),
        (format!("/hop?to={to}"), 1, 0.0),
        ("/stream?chunks=3&ms=20".to_owned(), 0, 0.04),
        (format!("/stream?chunks=3&ms=20&to={to}"), 1, 0.04),
    ];
    for (path, spans, least) in table {
        let answer = request(&format!("{}{path}", service.url), &[]).await.bytes().await;
        let answered = Instant::now();
        assert!(answer.is_ok_and(|bytes| !bytes.is_empty()), "{path}");
        let item = collector.next("transaction").item;
        assert!(answered.elapsed() < Duration::from_secs(1), "{path}");
        assert_eq!(item["spans"].as_array().unwrap().len(), spans, "{path}");
        assert_eq!(item["contexts"]["trace"]["status"], "ok", "{path}");
        let lasted = item["timestamp"].as_f64().unwrap() - item["start_timestamp"].as_f64().unwrap();
        assert!(lasted >= least, "{path}: {lasted}");
    }
    assert!(collector.arrived().is_empty());
}

#[tokio::test]
async fn each_of_many_requests_at_once_delivers_one() {
    let collector = Collector::open(Answer::Ok);
    let service = Service::start(&["--dsn", &collector.dsn, "--traces-sample-rate", "1"]);
    let answers = join_all((0..20).map(|_| service.leaf(&[]))).await;
    let served: HashSet<_> = answers.iter().map(|answer| answer["span_id"].to_string()).collect();
    let delivered: HashSet<_> = (0..20)
        .map(|_| collector.next("transaction").item["contexts"]["trace"]["span_id"].to_string())
        .collect();
    assert_eq!((delivered.len(), delivered), (20, served));
}
