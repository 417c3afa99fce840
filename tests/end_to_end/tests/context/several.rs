//! Requests of several traces at the same time, or one after the other on one connection, never mix.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use end_to_end::{Client, Protocol, Server, current_trace, recording, sentry_trace, text, trace_id};
use futures_util::future::join_all;
use futures_util::stream;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::Barrier;
use tower::{Layer, service_fn};
use trace_server::TraceServerLayer;

const ROUNDS: usize = 5;

/// Two requests on one thread that take turns: each waits for the other before every step.
#[tokio::test]
async fn two_requests_that_take_turns_on_one_thread() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let turn = Arc::new(Barrier::new(2));
        let service = service_fn(move |_: Request<Incoming>| {
            let turn = turn.clone();
            let mut seen = vec![current_trace()];
            async move {
                for _ in 0..ROUNDS {
                    turn.wait().await;
                    seen.push(current_trace());
                }
                let frames = stream::unfold((0, turn), async |(round, turn)| {
                    if round == ROUNDS {
                        return None;
                    }
                    turn.wait().await;
                    let frame = Ok::<_, Infallible>(Bytes::from(format!(" {}", current_trace())));
                    Some((frame, (round + 1, turn)))
                });
                let seen = stream::iter([Ok(Bytes::from(seen.join(" ")))]);
                let body = Body::from_stream(futures_util::StreamExt::chain(seen, frames));
                Ok::<_, Infallible>(Response::new(body))
            }
        });
        let server = Server::start(protocol, TraceServerLayer::new(tracer).layer(service)).await;

        let request = async |number| {
            let client = Client::connect(protocol, &server).await;
            client.get("/", &[("sentry-trace", &sentry_trace(number))]).await
        };
        let (first, second) = tokio::join!(request(1), request(2));
        assert_eq!(first, vec![trace_id(1); 1 + ROUNDS + ROUNDS].join(" "), "{protocol:?}");
        assert_eq!(second, vec![trace_id(2); 1 + ROUNDS + ROUNDS].join(" "), "{protocol:?}");
        assert_eq!(current_trace(), "none");
        server.close().await;
        assert_eq!(transactions.ended().len(), 2);
    }
}

const REQUESTS: u32 = 100;

/// Every third request names no trace: it gets one of its own, and never that of a neighbour.
fn names_a_trace(number: u32) -> bool {
    !number.is_multiple_of(3)
}

fn numbered(number: u32) -> Request<()> {
    let request = Request::get(format!("/{number}"));
    let request = match names_a_trace(number) {
        true => request.header("sentry-trace", sentry_trace(number)),
        false => request,
    };
    request.body(()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_on_one_connection() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let service = service_fn(async |request: Request<Incoming>| {
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(Response::new(format!("{} {}", request.uri().path(), current_trace())))
        });
        let server = Server::start(protocol, TraceServerLayer::new(tracer).layer(service)).await;
        let client = Client::connect(protocol, &server).await;

        // Over HTTP/1 one after the other, over HTTP/2 at the same time.
        let responses = (1..=REQUESTS).map(async |number| {
            let response = client.send(numbered(number)).await.unwrap();
            (number, text(response).await.unwrap())
        });
        let mut traces = BTreeSet::new();
        for (number, answer) in join_all(responses).await {
            let (path, trace) = answer.split_once(' ').unwrap();
            assert_eq!(path, format!("/{number}"));
            if names_a_trace(number) {
                assert_eq!(trace, trace_id(number), "{protocol:?}");
            }
            assert!(traces.insert(trace.to_owned()), "{protocol:?}: {trace} only once");
        }
        drop(client);
        server.close().await;

        let ended = transactions.ended();
        let ended: BTreeSet<_> = ended.iter().map(|ended| ended.trace_id.to_string()).collect();
        assert_eq!(ended, traces, "{protocol:?}: one transaction for each trace");
    }
}
