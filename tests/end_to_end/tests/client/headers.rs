//! Which headers a request gets, and that they stay the same within a trace.

use end_to_end::{recording, sentry_trace};
use http::Request;
use http_body_util::Empty;
use tower::{Layer, Service, ServiceExt};
use trace_client::TraceClientLayer;
use trace_core::{TraceExt, Tracer, TransactionName};

use crate::destination::{Destination, Kind, hyper_client};

#[tokio::test]
async fn a_traceparent_is_added_only_if_asked_for_and_never_twice() {
    let destination = Destination::start().await;
    let other = "00-00000000000000000000000000000008-0000000000000008-01";
    for is_asked_for in [false, true] {
        let tracer = Tracer::builder().propagate_traceparent(is_asked_for).build().unwrap();
        let layer = TraceClientLayer::new(tracer.clone());
        for own in [None, Some(other)] {
            let mut request = Request::get(destination.url("/200"));
            if let Some(own) = own {
                request = request.header("traceparent", own);
            }
            let context = tracer.continue_trace([("sentry-trace", sentry_trace(7))].as_slice());
            let call = destination.send(Kind::Hyper, &layer, request.body(()).unwrap());
            call.in_trace(context).await.unwrap();

            let head = destination.only();
            let sent = head.lines("sentry-trace").unwrap();
            let ours = format!("00-{}-01", &sent[..sent.len() - 2]);
            let expected = match (own, is_asked_for) {
                // Somebody else's without the option, ours with it.
                (own, false) => own.map(str::to_owned),
                (_, true) => Some(ours),
            };
            assert_eq!(head.lines("traceparent"), expected, "{is_asked_for} {own:?}");
        }
    }
}

#[tokio::test]
async fn all_requests_of_a_trace_that_starts_here_carry_the_same_sampling_context() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let name = || TransactionName::route("GET /orders/{id}");
    let handler = tracer.service_span("test", name()).start();
    for kind in Kind::ALL {
        let request = Request::get(destination.url("/200")).body(()).unwrap();
        let call = destination.send(kind, &layer, request);
        call.in_trace(&handler).await.unwrap();
        // Too late for the sampling context, which has left the process.
        handler.context().set_transaction_name(TransactionName::custom("renamed"));
    }
    handler.end();

    let transaction = transactions.only();
    let frozen = transaction.dynamic_sampling_context().as_baggage().unwrap().to_str().unwrap().to_owned();
    assert!(frozen.contains("sentry-transaction=GET%20%2Forders%2F%7Bid%7D"), "{frozen}");
    let received = destination.received();
    assert_eq!(received.len(), Kind::ALL.len());
    for head in received {
        assert_eq!(head.lines("baggage").as_deref(), Some(frozen.as_str()));
    }
    assert_eq!(transaction.name.as_str(), "renamed");
}

#[tokio::test]
async fn a_client_is_made_ready_before_the_type_of_its_request_is_known() {
    let destination = Destination::start().await;
    let layer = TraceClientLayer::new(Tracer::builder().build().unwrap());

    let mut hyper = layer.layer(hyper_client());
    let ready = hyper.ready().await.unwrap();
    ready.call(Request::get(destination.url("/200")).body(Empty::new()).unwrap()).await.unwrap();
    assert!(destination.only().lines("sentry-trace").is_some());

    let mut reqwest = layer.layer(reqwest::Client::new());
    let ready = reqwest.ready().await.unwrap();
    let url = destination.url("/200").parse().unwrap();
    ready.call(reqwest::Request::new(reqwest::Method::GET, url)).await.unwrap();
    assert!(destination.only().lines("sentry-trace").is_some());
}
