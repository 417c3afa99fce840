//! `/stream`.

use collector::Nobody;
use serde_json::{Value, json};

use crate::service::{SPAN, Service, TRACE, encoded, request};

fn lines(bytes: &[u8]) -> Vec<Value> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(|line| serde_json::from_slice(line).unwrap()).collect()
}

async fn stream(service: &Service, query: &str, trace_id: &str) -> Vec<Value> {
    let sentry_trace = format!("{trace_id}-{SPAN}-1");
    let response =
        request(&format!("{}/stream?{query}", service.url), &[("sentry-trace", &sentry_trace)]).await;
    assert_eq!(response.status(), 200);
    lines(&response.bytes().await.unwrap())
}

#[tokio::test]
async fn every_chunk_is_a_line_of_the_trace() {
    let chunk = |chunk: u64| json!({ "chunk": chunk, "trace_id": TRACE });
    let service = Service::start(&[]);
    assert_eq!(stream(&service, "chunks=1&ms=0", TRACE).await, [chunk(1)]);
    assert_eq!(stream(&service, "chunks=3&ms=5", TRACE).await, [chunk(1), chunk(2), chunk(3)]);
}

#[tokio::test]
async fn each_chunk_is_flushed() {
    let service = Service::start(&[]);
    let mut response = request(&format!("{}/stream?chunks=2&ms=60000", service.url), &[]).await;
    // The second one is a minute away.
    let first = lines(&response.chunk().await.unwrap().unwrap());
    assert_eq!((first.len(), &first[0]["chunk"]), (1, &json!(1)));
}

#[tokio::test]
async fn streams_at_the_same_time_keep_their_traces() {
    let service = Service::start(&[]);
    let ids: Vec<_> = (1..=8).map(|number: u128| format!("{number:032x}")).collect();
    let streams = ids.iter().map(|id| stream(&service, "chunks=20&ms=1", id));
    for (id, lines) in ids.iter().zip(futures_util::future::join_all(streams).await) {
        assert_eq!(lines.len(), 20);
        assert!(lines.iter().all(|line| line["trace_id"] == **id), "{id}: {lines:?}");
    }
}

#[tokio::test]
async fn the_last_chunk_calls_on() {
    let next = Service::start(&[]);
    let to = encoded(&format!("{}/leaf", next.url));
    for flags in [&[][..], &["--traces-sample-rate=1"][..]] {
        let service = Service::start(flags);
        for via in ["", "&via=hyper", "&via=reqwest"] {
            let lines = stream(&service, &format!("chunks=2&ms=1&to={to}{via}"), TRACE).await;
            assert_eq!(lines[0], json!({ "chunk": 1, "trace_id": TRACE }));
            assert_eq!((&lines[1]["chunk"], &lines[1]["trace_id"]), (&json!(2), &json!(TRACE)));
            let downstream = &lines[1]["downstream"];
            assert_eq!(
                (&downstream["status"], &downstream["body"]["trace_id"]),
                (&json!(200), &json!(TRACE))
            );
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_is_told_in_the_last_chunk() {
    let nobody = Nobody::bind();
    let to = format!("http://{}", nobody.address);
    let lines = stream(&Service::start(&[]), &format!("chunks=2&ms=0&to={to}"), TRACE).await;
    assert!(lines[1]["error"].as_str().unwrap().contains("refused"), "{lines:?}");
    assert_eq!(lines[1].get("downstream"), None);
}

#[tokio::test]
async fn bad_parameters_are_bad_requests() {
    let service = Service::start(&[]);
    let queries = [
        "",
        "chunks=1",
        "ms=1",
        "chunks=0&ms=1",
        "chunks=-1&ms=1",
        "chunks=x&ms=1",
        "chunks=1.5&ms=1",
        "chunks=&ms=1",
        "chunks=1001&ms=1",
        "chunks=99999999999999999999&ms=1",
        "chunks=1&ms=-1",
        "chunks=1&ms=x",
        "chunks=1&ms=60001",
        "chunks=1&ms=1&to=x",
        "chunks=1&ms=1&to=",
        "chunks=1&ms=1&via=pigeon",
        "chunks=1&chunks=1&ms=1",
    ];
    for query in queries {
        let (status, body) = service.get(&format!("/stream?{query}"), &[]).await;
        assert_eq!(status, 400, "{query}: {body}");
        assert!(!body["error"].as_str().unwrap().is_empty(), "{query}");
    }
}
