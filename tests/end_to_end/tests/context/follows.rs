//! The context is current wherever a request is worked on.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use axum::body::Body;
use bytes::Bytes;
use end_to_end::{Client, Protocol, Server, current_trace, recording, sentry_trace, trace_id};
use futures_util::stream::{self, StreamExt};
use http::{Request, Response};
use hyper::body::Incoming;
use tower::{Layer, service_fn};
use trace_core::{TraceExt, Tracer, in_current_trace};
use trace_server::TraceServerLayer;

const CALLS_POLLS_AND_FRAMES: usize = 1 + 4 + 4;

#[tokio::test]
async fn in_the_call_in_every_poll_and_in_every_frame() {
    for &protocol in Protocol::BOTH {
        // Whether the request is recorded makes no difference.
        for tracer in [recording().0, Tracer::builder().build().unwrap()] {
            follows_everywhere(protocol, tracer).await;
        }
    }
}

async fn follows_everywhere(protocol: Protocol, tracer: Tracer) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = {
        let seen = seen.clone();
        move || seen.lock().unwrap().push(current_trace())
    };
    let service = service_fn(move |_: Request<Incoming>| {
        look();
        let (mut polls, look) = (0, look.clone());
        poll_fn(move |cx| {
            look();
            polls += 1;
            if polls < 4 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let (mut frames, look) = (0, look.clone());
            let frames = stream::poll_fn(move |_| {
                look();
                frames += 1;
                Poll::Ready((frames < 4).then(|| Ok::<_, Infallible>(Bytes::from("frame "))))
            });
            Poll::Ready(Ok::<_, Infallible>(Response::new(Body::from_stream(frames))))
        })
    });
    let server = Server::start(protocol, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(protocol, &server).await;

    let text = client.get("/", &[("sentry-trace", &sentry_trace(7))]).await;
    assert_eq!(text, "frame frame frame ");
    assert_eq!(*seen.lock().unwrap(), vec![trace_id(7); CALLS_POLLS_AND_FRAMES], "{protocol:?}");
    assert_eq!(current_trace(), "none");
    drop(client);
    server.close().await;
}

#[tokio::test]
async fn in_tasks_threads_and_streams_that_take_it_along() {
    let (tracer, _transactions) = recording();
    let service = service_fn(async |_: Request<Incoming>| {
        let streamed = async || {
            let numbers = stream::repeat_with(current_trace).take(2).in_current_trace();
            // Collected by a task that is in no trace itself.
            tokio::spawn(numbers.collect::<Vec<_>>()).await.unwrap().join("+")
        };
        let seen = [
            ("bare task", tokio::spawn(async { current_trace() }).await.unwrap()),
            ("task", tokio::spawn(async { current_trace() }.in_current_trace()).await.unwrap()),
            (
                "task after await",
                tokio::spawn(
                    async {
                        tokio::task::yield_now().await;
                        current_trace()
                    }
                    .in_current_trace(),
                )
                .await
                .unwrap(),
            ),
            ("thread", tokio::task::spawn_blocking(in_current_trace(current_trace)).await.unwrap()),
            ("bare thread", tokio::task::spawn_blocking(current_trace).await.unwrap()),
            ("stream", streamed().await),
            ("handler", current_trace()),
        ];
        let lines: Vec<_> = seen.iter().map(|(place, trace)| format!("{place}: {trace}")).collect();
        Ok::<_, Infallible>(Response::new(lines.join("\n")))
    });
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(Protocol::Http1, &server).await;

    let text = client.get("/", &[("sentry-trace", &sentry_trace(7))]).await;
    let own = trace_id(7);
    let expected = [
        "bare task: none".to_owned(),
        format!("task: {own}"),
        format!("task after await: {own}"),
        format!("thread: {own}"),
        "bare thread: none".to_owned(),
        format!("stream: {own}+{own}"),
        format!("handler: {own}"),
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn spans_of_tasks_and_frames_belong_to_the_transaction() {
    let (tracer, mut transactions) = recording();
    let service = service_fn(async |_: Request<Incoming>| {
        let span =
            |name: &'static str| trace_core::TraceContext::current().map(|it| it.start_span("test", name));
        let task = tokio::spawn(async move { drop(span("task")) }.in_current_trace());
        task.await.unwrap();
        let frame = stream::once(async move {
            drop(span("frame"));
            Ok::<_, Infallible>(Bytes::from("frame"))
        });
        Ok::<_, Infallible>(Response::new(Body::from_stream(frame)))
    });
    let server = Server::start(Protocol::Http1, TraceServerLayer::new(tracer).layer(service)).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    client.get("/", &[]).await;

    let transaction = transactions.next().await;
    let names: Vec<_> = transaction.spans.iter().map(|span| span.description.as_ref()).collect();
    assert_eq!(names, ["task", "frame"]);
    let root = Some(transaction.root.span_id);
    assert!(transaction.spans.iter().all(|span| span.parent_span_id == root));
}
