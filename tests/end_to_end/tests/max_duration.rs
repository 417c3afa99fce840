//! A stream without an end has a transaction with one.

use std::time::{Duration, Instant};

use end_to_end::{Client, Gate, Protocol, ScriptedBody, Server, Step, ending, recording_with};
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{BoxError, Layer, service_fn};
use trace_core::{Outcome, TraceExt, Tracer};
use trace_server::TraceServerLayer;

const LONGEST: Duration = Duration::from_millis(40);

#[tokio::test]
async fn the_stream_goes_on_after_its_transaction() {
    for &protocol in Protocol::BOTH {
        let options = Tracer::builder().traces_sample_rate(1.0).max_duration(LONGEST);
        let (tracer, mut transactions) = recording_with(options);
        let gates = [Gate::default(), Gate::default()];
        let server = Server::start(protocol, {
            let gates = gates.clone();
            let service = service_fn(move |_: Request<_>| {
                let [second, third] = gates.clone();
                let steps = [
                    Step::Data("one"),
                    Step::Wait(second),
                    Step::Data("two"),
                    Step::Wait(third),
                    Step::Data("three"),
                    Step::Wait(Gate::default()),
                ];
                std::future::ready(Ok::<_, BoxError>(Response::new(ScriptedBody::new(steps))))
            });
            TraceServerLayer::new(tracer).layer(service)
        })
        .await;
        let client = Client::connect(protocol, &server).await;
        let began = Instant::now();
        let mut response = client.send(Request::get("/events").body(()).unwrap()).await.unwrap();
        let mut frame = async || response.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(frame().await, "one");
        assert!(transactions.ended().is_empty(), "{protocol:?}: it is young");

        // Time itself is what is waited for; nobody looks at it before the stream goes on.
        tokio::time::sleep(LONGEST.saturating_sub(began.elapsed()) + Duration::from_millis(5)).await;
        assert!(transactions.ended().is_empty(), "{protocol:?}: there is no timer");
        gates[0].open();
        let transaction = transactions.next().await;
        assert_eq!(ending(&transaction), (Outcome::TimedOut, "deadline_exceeded"), "{protocol:?}");
        assert_eq!(transaction.root.duration, LONGEST, "{protocol:?}: however late it is seen");

        assert_eq!(frame().await, "two");
        gates[1].open();
        assert_eq!(frame().await, "three", "{protocol:?}: the stream goes on");
        drop((response, client));
        server.close().await;
        assert!(transactions.ended().is_empty(), "{protocol:?}: it ends once");
    }
}

#[tokio::test]
async fn a_stream_in_a_service_span_is_cut_as_well() {
    let options = Tracer::builder().traces_sample_rate(1.0).max_duration(LONGEST);
    let (tracer, mut transactions) = recording_with(options);
    let job = tracer.service_span("task", "job").start();
    let mut events = stream::iter([1, 2]).in_span(job);
    tokio::time::sleep(LONGEST).await;
    assert_eq!(events.next().await, Some(1));
    let transaction = transactions.next().await;
    assert_eq!(ending(&transaction), (Outcome::TimedOut, "deadline_exceeded"));
    assert_eq!((events.next().await, events.next().await), (Some(2), None), "the stream goes on");
}
