//! Whose child a request is: of the context it carries, else of the current one, else of nobody.

use std::collections::BTreeSet;

use bytes::Bytes;
use end_to_end::{in_time, recording, trace_id};
use http::Request;
use http_body_util::Empty;
use tower::buffer::Buffer;
use tower::{Layer, Service, ServiceExt};
use trace_client::TraceClientLayer;
use trace_core::{SpanId, TraceExt, Tracer, TransactionName};

use crate::destination::{Destination, Kind, hyper_client};

#[tokio::test]
async fn each_call_without_a_trace_gets_a_deferred_one_of_its_own() {
    // Whatever the rate is: no transaction was started that it could have decided about.
    for rate in [None, Some(0.0), Some(1.0)] {
        let destination = Destination::start().await;
        let tracer = match rate {
            Some(rate) => Tracer::builder().traces_sample_rate(rate).build().unwrap(),
            None => Tracer::builder().build().unwrap(),
        };
        let layer = TraceClientLayer::new(tracer);
        for kind in Kind::ALL.into_iter().chain(Kind::ALL) {
            let request = Request::get(destination.url("/200")).body(()).unwrap();
            destination.send(kind, &layer, request).await.unwrap();
        }

        let received = destination.received();
        let mut traces = BTreeSet::new();
        for head in &received {
            let sent = head.lines("sentry-trace").unwrap();
            let [trace, _span] = sent.split('-').collect::<Vec<_>>().try_into().expect("no flag");
            let baggage = head.lines("baggage").unwrap();
            assert!(baggage.contains(&format!("sentry-trace_id={trace}")), "{baggage}");
            assert!(!baggage.contains("sentry-sampled"), "{baggage}");
            traces.insert(trace.to_owned());
        }
        assert_eq!(traces.len(), received.len(), "each its own: {traces:?}");
    }
}

#[tokio::test]
async fn a_context_in_the_extensions_is_the_parent_through_a_buffer() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let client = TraceClientLayer::new(tracer.clone()).layer(hyper_client());
    let mut buffered = Buffer::new(client, 8);
    let caller = format!("{}-{}-1", trace_id(7), "b72fa28504b07285");
    let context = tracer.continue_trace([("sentry-trace", caller)].as_slice());
    let handler = tracer.service_span("test", TransactionName::custom("test")).in_trace(context).start();

    let mut send = async |carries_context| {
        let mut request = Request::get(destination.url("/200")).body(Empty::<Bytes>::new()).unwrap();
        if carries_context {
            request.extensions_mut().insert(handler.context().clone());
        }
        let response = async { buffered.ready().await?.call(request).await };
        let response = in_time("a response", response.in_trace(&handler)).await.unwrap();
        drop(response);
        destination.only().lines("sentry-trace").unwrap()
    };
    // The worker of the buffer is a task of its own, where no context is current.
    let without = send(false).await;
    assert!(!without.contains(&trace_id(7)), "{without}");
    let with = send(true).await;
    handler.end();

    let transaction = transactions.only();
    let [span] = transaction.spans.as_slice() else { panic!("{:?}", transaction.spans) };
    assert_eq!(span.parent_span_id, Some(transaction.root.span_id));
    assert_eq!(with, format!("{}-{}-1", trace_id(7), span.span_id));
}

#[tokio::test]
async fn the_span_of_a_call_is_a_child_of_the_span_it_is_made_in() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    for kind in Kind::ALL {
        let name = || TransactionName::custom("test");
        let handler = tracer.service_span("test", name()).start();
        let step = handler.start_span("step", "one");
        let request = Request::get(destination.url("/200")).body(()).unwrap();
        let call = destination.send(kind, &layer, request);
        call.in_trace(&step).await.unwrap();
        let step_id = step.span_id();
        step.end();
        handler.end();

        let transaction = transactions.only();
        let parents: Vec<Option<SpanId>> = transaction.spans.iter().map(|span| span.parent_span_id).collect();
        assert_eq!(parents, [Some(step_id), Some(transaction.root.span_id)], "{kind:?}");
        assert!(destination.only().lines("sentry-trace").is_some());
    }
}
