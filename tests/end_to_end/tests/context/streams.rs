//! Hundreds of streams of different traces at once, on one connection of HTTP/2 into a service and on one out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use end_to_end::{Client, Protocol, Server, current_trace, recording, sentry_trace, text, trace_id};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Barrier;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::TraceClientLayer;
use trace_server::TraceServerLayer;

const STREAMS: u32 = 400;
const FRAMES: usize = 5;

/// Says its trace in each of its frames, in turns with all others.
fn frames() -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> {
    stream::iter(0..FRAMES).then(async |_| {
        tokio::task::yield_now().await;
        Ok(Bytes::from(format!(" {}", current_trace())))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_streams_at_once_through_two_services() {
    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer.clone());
    let leaf = service_fn(async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(current_trace())));
    let leaf = Server::start(Protocol::Http2, layer.layer(leaf)).await;
    let client = legacy::Client::builder(TokioExecutor::new()).http2_only(true).build_http::<Empty<Bytes>>();
    let client = TraceClientLayer::new(tracer).layer(client);

    let (url, all_are_here) = (leaf.url("/"), Arc::new(Barrier::new(STREAMS as usize)));
    let gateway = service_fn(move |_: Request<Incoming>| {
        let (client, all_are_here) = (client.clone(), all_are_here.clone());
        let request = Request::get(&url).body(Empty::new()).unwrap();
        async move {
            all_are_here.wait().await;
            let answer = client.oneshot(request).await.unwrap();
            let answer = answer.into_body().collect().await.unwrap().to_bytes();
            let body = stream::iter([Ok(answer)]).chain(frames());
            Ok::<_, Infallible>(Response::new(Body::from_stream(body)))
        }
    });
    let gateway = Server::start(Protocol::Http2, layer.layer(gateway)).await;
    let browser = Client::connect(Protocol::Http2, &gateway).await;
    let answers = join_all((1..=STREAMS).map(async |number| {
        let request = Request::get("/").header("sentry-trace", sentry_trace(number));
        let response = browser.send(request.body(()).unwrap()).await.unwrap();
        (number, text(response).await.unwrap())
    }));
    for (number, answer) in answers.await {
        assert_eq!(answer, vec![trace_id(number); 1 + FRAMES].join(" "));
    }
    drop(browser);
    gateway.close().await;

    let mut traces = BTreeMap::<_, Vec<_>>::new();
    for transaction in transactions.ended() {
        traces.entry(transaction.trace_id.to_string()).or_default().push(transaction);
    }
    let expected: BTreeSet<_> = (1..=STREAMS).map(trace_id).collect();
    assert_eq!(traces.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (trace, mut transactions) in traces {
        transactions.sort_by_key(|transaction| transaction.spans.len());
        let [leaf, gateway] = transactions.as_slice() else { panic!("{trace}: {transactions:#?}") };
        let [call] = gateway.spans.as_slice() else { panic!("{trace}: {gateway:#?}") };
        let caller = gateway.root.parent_span_id.unwrap().to_string();
        assert!(trace.ends_with(&caller), "{trace}: {caller}");
        assert_eq!(leaf.root.parent_span_id, Some(call.span_id), "{trace}");
    }
}
